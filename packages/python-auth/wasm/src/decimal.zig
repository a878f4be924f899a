//! Reads a decimal fraction as the nearest double, and measures the shortest decimal that reads back as it.
//!
//! By exact arithmetic on long integers: slower than `std.fmt.parseFloat`, whose table of powers is a third of
//! what the whole module may weigh.

const std = @import("std");
const float = std.fmt.float;

/// Digits behind these cannot change the nearest double, except by being there: 767 digits suffice.
const max_digits = 800;

/// Returns the double that is nearest to a JSON number, the even one of two.
pub fn nearest(spelled: []const u8) f64 {
    const magnitude = nearestMagnitude(spelled);
    return if (spelled[0] == '-') -magnitude else magnitude;
}

fn nearestMagnitude(spelled: []const u8) f64 {
    var numerator: Long = .{};
    var digits: i32 = 0;
    var exponent: i32 = 0;
    var behind_point = false;
    var cut = false;
    for (spelled, 0..) |character, at| switch (character) {
        '0'...'9' => {
            if (digits == max_digits) {
                cut = cut or character != '0';
                if (!behind_point) exponent += 1;
                continue;
            }
            if (digits > 0 or character != '0') digits += 1;
            numerator.multiplyAdd(10, character - '0');
            if (behind_point) exponent -= 1;
        },
        '.' => behind_point = true,
        'e', 'E' => {
            exponent = exponent +| spelledExponent(spelled[at + 1 ..]);
            break;
        },
        else => {},
    };
    if (cut) {
        numerator.multiplyAdd(10, 1);
        digits += 1;
        exponent -= 1;
    }
    if (digits == 0 or digits +| exponent < -330) return 0;
    if (digits +| exponent > 310) return std.math.inf(f64);
    var denominator: Long = .{};
    denominator.multiplyAdd(0, 1);
    const scaled = if (exponent < 0) &denominator else &numerator;
    var left = @abs(exponent);
    while (left > 0) {
        const step = @min(left, 9);
        scaled.multiplyAdd(std.math.pow(u32, 10, step), 0);
        left -= step;
    }
    return quotient(&numerator, &denominator);
}

/// An exponent that is too large for the number to be one stays so when it is cut.
fn spelledExponent(spelled: []const u8) i32 {
    const limit = 1 << 20;
    var value: i32 = 0;
    for (spelled) |character| switch (character) {
        '0'...'9' => value = @min(limit, value * 10 + (character - '0')),
        else => {},
    };
    return if (spelled[0] == '-') -value else value;
}

/// Returns the double that is nearest to a quotient, which is not zero.
fn quotient(numerator: *Long, denominator: *Long) f64 {
    const magnitude = numerator.bits() - denominator.bits();
    // The quotient is then an integer of 55 or 56 bits times this power of two, two bits more than a double
    // has; fewer where doubles end.
    const power = @max(magnitude - 55, -1076);
    if (power < 0) numerator.shiftLeft(@intCast(-power)) else denominator.shiftLeft(@intCast(power));
    denominator.shiftLeft(55);
    var result: u64 = 0;
    for (0..56) |_| {
        result <<= 1;
        if (numerator.subtract(denominator)) result |= 1;
        denominator.halve();
    }
    const dropped = @max(64 - @as(i32, @clz(result)) - 53, 2);
    const half = @as(u64, 1) << @intCast(dropped - 1);
    const rest = result & (2 * half - 1);
    var mantissa = result >> @intCast(dropped);
    const above_half = rest > half or (rest == half and numerator.bits() > 0);
    if (above_half or (rest == half and mantissa & 1 == 1)) mantissa += 1;
    return std.math.ldexp(@as(f64, @floatFromInt(mantissa)), power + dropped);
}

/// An unsigned integer that has room for every number above.
const Long = struct {
    limbs: [176]u32 = @splat(0),

    fn multiplyAdd(long: *Long, factor: u32, summand: u32) void {
        var carry: u64 = summand;
        for (&long.limbs) |*limb| {
            carry += @as(u64, limb.*) * factor;
            limb.* = @truncate(carry);
            carry >>= 32;
        }
    }

    fn bits(long: *const Long) i32 {
        var at = long.limbs.len;
        while (at > 0) {
            at -= 1;
            if (long.limbs[at] != 0) return @intCast(at * 32 + 32 - @clz(long.limbs[at]));
        }
        return 0;
    }

    fn shiftLeft(long: *Long, count: usize) void {
        const whole = count / 32;
        const part: u5 = @intCast(count % 32);
        var at = long.limbs.len;
        while (at > 0) {
            at -= 1;
            const high: u64 = if (at >= whole) long.limbs[at - whole] else 0;
            const low: u64 = if (at > whole) long.limbs[at - whole - 1] else 0;
            long.limbs[at] = @truncate((high << 32 | low) << part >> 32);
        }
    }

    fn halve(long: *Long) void {
        for (&long.limbs, 0..) |*limb, at| {
            const above = if (at + 1 < long.limbs.len) long.limbs[at + 1] else 0;
            limb.* = limb.* >> 1 | above << 31;
        }
    }

    /// Subtracts unless the result would be negative, and returns whether it did.
    fn subtract(long: *Long, other: *const Long) bool {
        var at = long.limbs.len;
        while (at > 0) {
            at -= 1;
            if (long.limbs[at] != other.limbs[at]) break;
        }
        if (long.limbs[at] < other.limbs[at]) return false;
        var borrow: u64 = 0;
        for (&long.limbs, other.limbs) |*limb, subtrahend| {
            const difference = @as(u64, limb.*) -% subtrahend -% borrow;
            limb.* = @truncate(difference);
            borrow = difference >> 63;
        }
        return true;
    }
};

/// The length of Python's `repr` of a finite float: the fewest digits that read back as the same number, with
/// an exponent when more than three zeros would follow the point. Not for numbers from 1e16, which have one too.
pub fn reprLength(value: f64) usize {
    // The smaller tables; the larger ones, which `std.fmt` uses, are faster.
    const tables = &float.Backend64_TablesSmall;
    const shortest = float.binaryToDecimal(u64, @bitCast(@abs(value)), 52, 11, false, tables);
    const digits: i32 = digitsOf(shortest.mantissa);
    const exponent = shortest.exponent + digits - 1;
    const length = if (exponent < -4) // an exponent has at least two digits
        digits + @intFromBool(digits > 1) + @as(i32, if (exponent <= -100) "e-100".len else "e-10".len)
    else if (exponent < 0)
        @as(i32, "0.".len) + (-exponent - 1) + digits
    else if (exponent + 1 < digits)
        digits + 1
    else
        exponent + 1 + @as(i32, ".0".len);
    return @intCast(length + @intFromBool(std.math.signbit(value)));
}

fn digitsOf(number: u64) i32 {
    var rest = number;
    var digits: i32 = 1;
    while (rest >= 10) : (rest /= 10) digits += 1;
    return digits;
}

//! The bound on the host's own claims, the `ext` of a dashboard token: at most 1 KiB, and numbers that are
//! exact in every implementation.
//!
//! Their size is that of the object as Python's `json.dumps` writes it, compact and without escapes of
//! characters beyond ASCII, so the spelling of the token does not change the verdict.

const std = @import("std");
const decimal = @import("decimal.zig");
const json = @import("json.zig");

const max_bytes = 1024;

/// Returns whether an object that `json` has accepted is within the bounds.
pub fn accepted(text: []const u8) bool {
    var at: usize = 0;
    var size: usize = 0;
    while (at < text.len) switch (text[at]) {
        ' ', '\t', '\n', '\r' => at += 1,
        '"' => {
            const found = sizeOfString(text[at + 1 ..]);
            at += found.spelled + 1;
            size += found.written + 1;
        },
        '-', '0'...'9' => {
            const end = std.mem.findNonePos(u8, text, at, "+-.eE0123456789") orelse text.len;
            size += sizeOfNumber(text[at..end]) orelse return false;
            at = end;
        },
        else => {
            at += 1;
            size += 1;
        },
    };
    return size <= max_bytes;
}

const Size = struct { spelled: usize, written: usize };

/// Measures a string from behind its opening quote, the closing one included.
fn sizeOfString(text: []const u8) Size {
    var size: Size = .{ .spelled = 0, .written = 0 };
    while (true) {
        const character = text[size.spelled];
        if (character == '"') return .{ .spelled = size.spelled + 1, .written = size.written + 1 };
        if (character == '\\') {
            const escape = sizeOfEscape(text[size.spelled + 1 ..]);
            size.spelled += escape.spelled + 1;
            size.written += escape.written;
        } else {
            size.spelled += 1;
            size.written += 1;
        }
    }
}

/// Measures an escape from behind its backslash.
fn sizeOfEscape(text: []const u8) Size {
    if (text[0] == '/') return .{ .spelled = 1, .written = 1 };
    if (text[0] != 'u') return .{ .spelled = 1, .written = 2 };
    const unit = std.fmt.parseInt(u16, text[1..5], 16) catch unreachable;
    return switch (unit) {
        '"', '\\', 0x08, 0x09, 0x0a, 0x0c, 0x0d => .{ .spelled = 5, .written = 2 },
        0...0x07, 0x0b, 0x0e...0x1f => .{ .spelled = 5, .written = 6 },
        // The other half follows.
        0xd800...0xdbff => .{ .spelled = 11, .written = 4 },
        else => .{ .spelled = 5, .written = std.unicode.utf8CodepointSequenceLength(unit) catch unreachable },
    };
}

/// Returns null for a number that is not exact in every implementation.
fn sizeOfNumber(spelled: []const u8) ?usize {
    if (std.mem.findAny(u8, spelled, ".eE") == null) {
        const value = json.exactInteger(spelled) orelse return null;
        return if (value == 0) 1 else spelled.len;
    }
    const value = decimal.nearest(spelled);
    const whole = !std.math.isFinite(value) or value == @trunc(value);
    if (whole and @abs(value) > json.max_integer) return null;
    return decimal.reprLength(value);
}

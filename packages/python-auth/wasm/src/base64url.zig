//! Unpadded base64url in which every byte string has exactly one encoding (RFC 7515 §2, RFC 4648 §3.5).

/// The number of bytes that `length` characters can decode to, at most.
pub fn decodedLength(length: usize) usize {
    return length / 4 * 3 + 2;
}

/// Writes the bytes of `text` to `out`, which has room for `decodedLength`, and returns them.
/// Refuses padding, another alphabet, an impossible length, and unused bits that are not zero.
pub fn decode(out: []u8, text: []const u8) error{Malformed}![]u8 {
    var written: usize = 0;
    var rest = text;
    while (rest.len >= 4) : (rest = rest[4..]) {
        const group = try bitsOf(rest[0..4]);
        const into = out[written..][0..3];
        into.* = .{ @truncate(group >> 16), @truncate(group >> 8), @truncate(group) };
        written += 3;
    }
    if (rest.len == 1) return error.Malformed;
    if (rest.len > 0) {
        // Filled up with the character of zero, a segment has the bits that it has without.
        var padded = "AAAA".*;
        @memcpy(padded[0..rest.len], rest);
        const group = try bitsOf(&padded);
        const unused: u32 = if (rest.len == 2) 0xffff else 0xff;
        if (group & unused != 0) return error.Malformed;
        const bytes = [2]u8{ @truncate(group >> 16), @truncate(group >> 8) };
        @memcpy(out[written..][0 .. rest.len - 1], bytes[0 .. rest.len - 1]);
        written += rest.len - 1;
    }
    return out[0..written];
}

fn bitsOf(characters: *const [4]u8) error{Malformed}!u32 {
    const first: u32 = values[characters[0]];
    const second: u32 = values[characters[1]];
    const third: u32 = values[characters[2]];
    const fourth: u32 = values[characters[3]];
    if (first | second | third | fourth > 63) return error.Malformed;
    return first << 18 | second << 12 | third << 6 | fourth;
}

const invalid = 0xff;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values: [256]u8 = table: {
    var table: [256]u8 = @splat(invalid);
    for (alphabet, 0..) |character, value| table[character] = value;
    break :table table;
};

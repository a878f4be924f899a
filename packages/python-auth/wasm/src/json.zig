//! A strict JSON reader, which accepts only what all parsers read alike (RFC 8259, RFC 7493).
//!
//! It refuses a byte order mark, invalid UTF-8, a lone surrogate, a member name that occurs twice in one
//! object at any depth, more than 16 levels, and data after the value.

const std = @import("std");

pub const Error = error{Malformed};

/// The levels of objects and arrays, the outermost included.
pub const max_depth = 16;

/// The largest text that is read: what the largest token can hold.
pub const max_length = 3072;

/// The greatest integer that is exact in every implementation, also where numbers are doubles.
pub const max_integer = (1 << 53) - 1;

pub const Value = union(enum) {
    absent,
    null,
    boolean: bool,
    /// Null when it is not exact in every implementation.
    integer: ?i64,
    /// A number that is spelled with a fraction or an exponent.
    fraction,
    string: []const u8,
    array,
    /// Its text, from brace to brace.
    object: []const u8,
};

/// The members of an object that have a name of `Name`.
pub fn Members(comptime Name: type) type {
    return std.EnumArray(Name, Value);
}

/// Returns the members of the object in `text`. What they hold is valid until the next call.
pub fn readObject(comptime Name: type, text: []const u8) Error!Members(Name) {
    if (text.len > max_length or !std.unicode.utf8ValidateSlice(text)) return error.Malformed;
    var members: Members(Name) = .initFill(.absent);
    var reader: Reader = .{ .text = text };
    reader.skipSpace();
    try reader.expect('{');
    try reader.object(1, Name, &members);
    reader.skipSpace();
    if (reader.at != text.len) return error.Malformed;
    return members;
}

// A member takes five characters and more, so there is room for the names of every object that is open.
var names: [max_length / 5 + 1][]const u8 = undefined;

// Holds the strings that were written with escapes; no string is longer without them.
var unescaped: [max_length]u8 = undefined;

const Reader = struct {
    text: []const u8,
    at: usize = 0,
    names_used: usize = 0,
    unescaped_used: usize = 0,

    fn next(reader: *Reader) Error!u8 {
        if (reader.at == reader.text.len) return error.Malformed;
        defer reader.at += 1;
        return reader.text[reader.at];
    }

    fn peek(reader: *const Reader) u8 {
        // A zero byte is nowhere allowed, so it can stand for the end.
        return if (reader.at < reader.text.len) reader.text[reader.at] else 0;
    }

    fn expect(reader: *Reader, character: u8) Error!void {
        if (try reader.next() != character) return error.Malformed;
    }

    fn skipSpace(reader: *Reader) void {
        while (true) switch (reader.peek()) {
            ' ', '\t', '\n', '\r' => reader.at += 1,
            else => return,
        };
    }

    /// Reads what follows the brace that opens an object; `Name` is void where no member is wanted.
    fn object(reader: *Reader, depth: usize, comptime Name: type, members: anytype) Error!void {
        const first = reader.names_used;
        defer reader.names_used = first;
        reader.skipSpace();
        if (reader.peek() == '}') {
            reader.at += 1;
            return;
        }
        while (true) {
            reader.skipSpace();
            try reader.expect('"');
            const name = try reader.string();
            try reader.remember(name, first);
            reader.skipSpace();
            try reader.expect(':');
            const found = try reader.value(depth);
            if (Name != void) {
                if (std.meta.stringToEnum(Name, name)) |wanted| members.set(wanted, found);
            }
            reader.skipSpace();
            switch (try reader.next()) {
                ',' => {},
                '}' => return,
                else => return error.Malformed,
            }
        }
    }

    fn remember(reader: *Reader, name: []const u8, first: usize) Error!void {
        for (names[first..reader.names_used]) |other| {
            if (std.mem.eql(u8, name, other)) return error.Malformed;
        }
        names[reader.names_used] = name;
        reader.names_used += 1;
    }

    fn array(reader: *Reader, depth: usize) Error!void {
        reader.skipSpace();
        if (reader.peek() == ']') {
            reader.at += 1;
            return;
        }
        while (true) {
            _ = try reader.value(depth);
            reader.skipSpace();
            switch (try reader.next()) {
                ',' => {},
                ']' => return,
                else => return error.Malformed,
            }
        }
    }

    /// Reads a value inside `depth` levels.
    fn value(reader: *Reader, depth: usize) Error!Value {
        reader.skipSpace();
        const start = reader.at;
        switch (try reader.next()) {
            '"' => return .{ .string = try reader.string() },
            '{' => {
                if (depth == max_depth) return error.Malformed;
                try reader.object(depth + 1, void, {});
                return .{ .object = reader.text[start..reader.at] };
            },
            '[' => {
                if (depth == max_depth) return error.Malformed;
                try reader.array(depth + 1);
                return .array;
            },
            't' => {
                try reader.literal("rue");
                return .{ .boolean = true };
            },
            'f' => {
                try reader.literal("alse");
                return .{ .boolean = false };
            },
            'n' => {
                try reader.literal("ull");
                return .null;
            },
            '-', '0'...'9' => {
                reader.at = start;
                return reader.number();
            },
            else => return error.Malformed,
        }
    }

    fn literal(reader: *Reader, rest: []const u8) Error!void {
        if (!std.mem.startsWith(u8, reader.text[reader.at..], rest)) return error.Malformed;
        reader.at += rest.len;
    }

    fn number(reader: *Reader) Error!Value {
        const start = reader.at;
        if (reader.peek() == '-') reader.at += 1;
        if (reader.peek() == '0') reader.at += 1 else try reader.digits();
        const end = reader.at;
        if (reader.peek() == '.') {
            reader.at += 1;
            try reader.digits();
        }
        if (reader.peek() | 0x20 == 'e') {
            reader.at += 1;
            if (reader.peek() == '+' or reader.peek() == '-') reader.at += 1;
            try reader.digits();
        }
        if (reader.at != end) return .fraction;
        return .{ .integer = exactInteger(reader.text[start..end]) };
    }

    fn digits(reader: *Reader) Error!void {
        if (!std.ascii.isDigit(reader.peek())) return error.Malformed;
        while (std.ascii.isDigit(reader.peek())) reader.at += 1;
    }

    /// Returns the string after its opening quote, without escapes.
    fn string(reader: *Reader) Error![]const u8 {
        const rest = reader.text[reader.at..];
        const plain = for (rest, 0..) |character, length| switch (character) {
            '"' => {
                reader.at += length + 1;
                return rest[0..length];
            },
            '\\' => break rest[0..length],
            0...0x1f => return error.Malformed,
            else => {},
        } else return error.Malformed;
        reader.at += plain.len + 1;
        const into = unescaped[reader.unescaped_used..];
        @memcpy(into[0..plain.len], plain);
        var length = plain.len + try reader.escape(into[plain.len..]);
        while (true) switch (try reader.next()) {
            '"' => {
                reader.unescaped_used += length;
                return into[0..length];
            },
            '\\' => length += try reader.escape(into[length..]),
            0...0x1f => return error.Malformed,
            else => |character| {
                into[length] = character;
                length += 1;
            },
        };
    }

    /// Writes the character of the escape after its backslash, and returns its length.
    fn escape(reader: *Reader, into: []u8) Error!usize {
        into[0] = switch (try reader.next()) {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => 0x08,
            'f' => 0x0c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return std.unicode.utf8Encode(try reader.codePoint(), into) catch error.Malformed,
            else => return error.Malformed,
        };
        return 1;
    }

    fn codePoint(reader: *Reader) Error!u21 {
        const first = try reader.codeUnit();
        if (!std.unicode.utf16IsHighSurrogate(first)) return first;
        try reader.expect('\\');
        try reader.expect('u');
        return std.unicode.utf16DecodeSurrogatePair(&.{ first, try reader.codeUnit() }) catch error.Malformed;
    }

    fn codeUnit(reader: *Reader) Error!u16 {
        var unit: u16 = 0;
        for (0..4) |_| {
            const digit = std.fmt.charToDigit(try reader.next(), 16) catch return error.Malformed;
            unit = unit << 4 | digit;
        }
        return unit;
    }
};

/// Returns the value of a spelled integer, null when it is not exact in every implementation.
pub fn exactInteger(spelled: []const u8) ?i64 {
    const found = std.fmt.parseInt(i64, spelled, 10) catch return null;
    return if (@abs(found) <= max_integer) found else null;
}

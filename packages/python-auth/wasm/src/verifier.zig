//! Verifies HS256 tokens, as `bymax_auth.jwt` does on the server: the same rules in the same order, held
//! equal by shared vectors and by a comparison on generated tokens.
//!
//! A module without imports: the caller writes the input, calls `verify`, and reads the output. Whatever
//! happens, the input and everything that is derived from the secret are zero when `verify` returns.

const std = @import("std");
const base64url = @import("base64url.zig");
const Claims = @import("claims.zig").Claims;
const ClaimName = @import("claims.zig").Name;
const json = @import("json.zig");

// A check that fails stops the module: there is nobody to read a message.
pub const panic = std.debug.no_panic;

const HmacSha256 = std.crypto.auth.hmac.sha2.HmacSha256;

const max_token_length = 4096;
const max_secret_length = 4096;
const max_integer: f64 = json.max_integer;

/// What `verify` returns. The numbers are part of the module's interface.
const Status = enum(i32) {
    valid = 0,
    expired = 1,
    in_the_future = 2,
    bound_to_others = 3,
    of_another_type = 4,
    malformed = 16,
    algorithm_refused = 17,
    signature_invalid = 18,
    claims_invalid = 19,
    type_unknown = 20,
    too_large = 21,
    secret_empty = 22,
};

const Request = struct {
    token: []const u8,
    secret: []const u8,
    issuer: ?[]const u8,
    audience: ?[]const u8,
    token_type: ?[]const u8,
    now: f64,
    exp_leeway: i32,
    iat_leeway: i32,
};

const decoded_length = base64url.decodedLength(max_token_length);

var input: [16384]u8 = @splat(0);
var output: [decoded_length]u8 = @splat(0);
var output_length: usize = 0;

/// The version of this interface.
export fn abi_version() i32 {
    return 1;
}

/// Where the input is written: token, secret, issuer, audience and type, one behind the other, in UTF-8.
export fn in_ptr() i32 {
    return @intCast(@intFromPtr(&input));
}

export fn in_cap() i32 {
    return input.len;
}

/// The payload of the token, as JSON, after the statuses 0 and 1.
export fn out_ptr() i32 {
    return @intCast(@intFromPtr(&output));
}

export fn out_len() i32 {
    return @intCast(output_length);
}

/// Judges the token in the input. A length of -1 means that this is not checked; leeways are seconds.
export fn verify(
    token_length: i32,
    secret_length: i32,
    issuer_length: i32,
    audience_length: i32,
    type_length: i32,
    now: f64,
    exp_leeway: i32,
    iat_leeway: i32,
) i32 {
    output_length = 0;
    var lengths: Lengths = .{};
    const request: Request = .{
        .token = lengths.take(token_length) orelse "",
        .secret = lengths.take(secret_length) orelse "",
        .issuer = lengths.take(issuer_length),
        .audience = lengths.take(audience_length),
        .token_type = lengths.take(type_length),
        .now = now,
        .exp_leeway = exp_leeway,
        .iat_leeway = iat_leeway,
    };
    const status = if (lengths.exceeded) Status.too_large else judge(&request);
    std.crypto.secureZero(u8, if (lengths.exceeded) &input else input[0..lengths.used]);
    wipeStack();
    return @backingInt(status);
}

/// Divides the input into its parts.
const Lengths = struct {
    used: usize = 0,
    exceeded: bool = false,

    fn take(lengths: *Lengths, length: i32) ?[]const u8 {
        if (length < 0) return null;
        const start = lengths.used;
        const wanted: usize = @intCast(length);
        if (wanted > input.len - start) {
            lengths.exceeded = true;
            return null;
        }
        lengths.used += wanted;
        return input[start..lengths.used];
    }
};

/// Returns the status of the first rule that the token violates. Expiry is last, so that it implies that all
/// else is right. Not inlined, so that its frame is below that of `wipeStack`.
noinline fn judge(request: *const Request) Status {
    if (request.secret.len == 0) return .secret_empty;
    if (request.token.len > max_token_length or request.secret.len > max_secret_length) return .too_large;
    const payload = authenticated(request.token, request.secret) catch |refusal| return switch (refusal) {
        error.Malformed => .malformed,
        error.AlgorithmRefused => .algorithm_refused,
        error.SignatureInvalid => .signature_invalid,
    };
    const decoded = base64url.decode(&output, payload) catch return .malformed;
    const claims: Claims = .{ .payload = json.readObject(ClaimName, decoded) catch return .malformed };
    const status = judgeClaims(&claims, request);
    if (status == .valid or status == .expired) output_length = decoded.len;
    return status;
}

fn judgeClaims(claims: *const Claims, request: *const Request) Status {
    const token_type = claims.tokenType() orelse return .type_unknown;
    if (request.token_type) |wanted| {
        if (!std.mem.eql(u8, wanted, @tagName(token_type))) return .of_another_type;
    }
    if (!claims.complete(token_type)) return .claims_invalid;
    // Also false for a clock that is not a number, which no comparison below would refuse.
    if (!(@abs(request.now) <= max_integer)) return .malformed;
    const now: i64 = @intFromFloat(@floor(request.now));
    if (claims.validFrom() > now + request.iat_leeway) return .in_the_future;
    if (request.issuer) |wanted| if (!claims.equals(.iss, wanted)) return .bound_to_others;
    if (request.audience) |wanted| if (!claims.equals(.aud, wanted)) return .bound_to_others;
    // A token whose `exp` is the current second has expired (RFC 7519 §4.1.4, "on or after").
    return if (now >= claims.expires() + request.exp_leeway) .expired else .valid;
}

const Refusal = error{ Malformed, AlgorithmRefused, SignatureInvalid };

/// Returns the payload segment of a token that the secret has signed.
fn authenticated(token: []const u8, secret: []const u8) Refusal![]const u8 {
    for (token) |character| if (character >= 0x80) return error.Malformed;
    var segments = std.mem.splitScalar(u8, token, '.');
    const header = segments.first();
    const payload = segments.next() orelse return error.Malformed;
    const signature = segments.next() orelse return error.Malformed;
    if (segments.next() != null) return error.Malformed;
    try checkHeader(header);
    const tag = try base64url.decode(&output, signature);
    var expected: [HmacSha256.mac_length]u8 = undefined;
    HmacSha256.create(&expected, token[0 .. header.len + 1 + payload.len], secret);
    if (tag.len != expected.len) return error.SignatureInvalid;
    if (!std.crypto.timing_safe.eql([expected.len]u8, expected, tag[0..expected.len].*)) {
        return error.SignatureInvalid;
    }
    return payload;
}

const own_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"; // {"alg":"HS256","typ":"JWT"}

/// Refuses a header that is not plain HS256: `crit` lists extensions that must be understood, and none is
/// (RFC 7515 §4.1.11); `b64` changes what is signed (RFC 7797 §3); `typ` is compared ignoring case (RFC 7519 §5.1).
fn checkHeader(segment: []const u8) Refusal!void {
    // The header that the server writes needs no parsing.
    if (std.mem.eql(u8, segment, own_header)) return;
    const text = try base64url.decode(&output, segment);
    const header = try json.readObject(enum { alg, typ, crit, b64 }, text);
    switch (header.get(.alg)) {
        .string => |alg| if (!std.mem.eql(u8, alg, "HS256")) return error.AlgorithmRefused,
        else => return error.AlgorithmRefused,
    }
    if (header.get(.crit) != .absent or header.get(.b64) != .absent) return error.Malformed;
    switch (header.get(.typ)) {
        .absent => {},
        .string => |typ| if (!std.ascii.eqlIgnoreCase(typ, "JWT")) return error.Malformed,
        else => return error.Malformed,
    }
}

/// Overwrites the stack below the caller, where computing the tag has left the key.
noinline fn wipeStack() void {
    var frame: [16384]u8 = undefined;
    std.crypto.secureZero(u8, &frame);
}

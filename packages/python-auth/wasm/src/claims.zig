//! The claims of each token type, checked by exact JSON type: `true`, `1.0` and `"1"` are not the number one.

const std = @import("std");
const extra_claims = @import("extra_claims.zig");
const json = @import("json.zig");

/// The claims whose form is checked, by their names in the token.
pub const Name = enum {
    sub,
    jti,
    tenantId,
    role,
    type,
    status,
    mfaEnabled,
    mfaVerified,
    context,
    iat,
    nbf,
    exp,
    epoch,
    iss,
    aud,
    ext,
};

pub const Type = enum { dashboard, platform, mfa_challenge };

pub const Claims = struct {
    payload: json.Members(Name),

    /// The token's type, null when it is none that is known.
    pub fn tokenType(claims: *const Claims) ?Type {
        return switch (claims.payload.get(.type)) {
            .string => |name| std.meta.stringToEnum(Type, name),
            else => null,
        };
    }

    /// Whether every claim of this type of token is there and in its form.
    pub fn complete(claims: *const Claims, of: Type) bool {
        return claims.identified() and switch (of) {
            .dashboard => claims.session() and claims.id(.tenantId) and claims.text(.status) and claims.extra(),
            .platform => claims.session(),
            .mfa_challenge => claims.secondFactor(),
        };
    }

    /// The greater of `iat` and `nbf`, which `complete` has found to be times.
    pub fn validFrom(claims: *const Claims) i64 {
        const issued = claims.time(.iat).?;
        return if (claims.payload.get(.nbf) == .absent) issued else @max(issued, claims.time(.nbf).?);
    }

    /// `exp`, which `complete` has found to be a time.
    pub fn expires(claims: *const Claims) i64 {
        return claims.time(.exp).?;
    }

    /// Whether a claim is this text; one that is missing is not.
    pub fn equals(claims: *const Claims, name: Name, wanted: []const u8) bool {
        return switch (claims.payload.get(name)) {
            .string => |found| std.mem.eql(u8, found, wanted),
            else => false,
        };
    }

    /// The claims of every token type.
    fn identified(claims: *const Claims) bool {
        return claims.id(.sub) and claims.uuid(.jti) and claims.time(.iat) != null and claims.time(.exp) != null and
            (claims.payload.get(.nbf) == .absent or claims.time(.nbf) != null) and
            (claims.payload.get(.epoch) == .absent or (claims.time(.epoch) orelse -1) >= 0) and
            claims.optionalText(.iss) and claims.optionalText(.aud);
    }

    fn session(claims: *const Claims) bool {
        return claims.text(.role) and claims.flag(.mfaEnabled) and claims.flag(.mfaVerified);
    }

    fn secondFactor(claims: *const Claims) bool {
        if (claims.equals(.context, "dashboard")) return claims.id(.tenantId);
        return claims.equals(.context, "platform") and claims.payload.get(.tenantId) == .absent;
    }

    fn extra(claims: *const Claims) bool {
        return switch (claims.payload.get(.ext)) {
            .absent => true,
            .object => |spelled| extra_claims.accepted(spelled),
            else => false,
        };
    }

    fn text(claims: *const Claims, name: Name) bool {
        return claims.payload.get(name) == .string;
    }

    fn optionalText(claims: *const Claims, name: Name) bool {
        return switch (claims.payload.get(name)) {
            .absent, .null, .string => true,
            else => false,
        };
    }

    fn flag(claims: *const Claims, name: Name) bool {
        return claims.payload.get(name) == .boolean;
    }

    fn time(claims: *const Claims, name: Name) ?i64 {
        return switch (claims.payload.get(name)) {
            .integer => |found| found,
            else => null,
        };
    }

    /// A text of 1 to 256 characters, each a Unicode code point.
    fn id(claims: *const Claims, name: Name) bool {
        const found = switch (claims.payload.get(name)) {
            .string => |found| found,
            else => return false,
        };
        const length = std.unicode.utf8CountCodepoints(found) catch unreachable;
        return 1 <= length and length <= 256;
    }

    /// A UUID of version 4 in lower case.
    fn uuid(claims: *const Claims, name: Name) bool {
        const found = switch (claims.payload.get(name)) {
            .string => |found| found,
            else => return false,
        };
        const form = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
        if (found.len != form.len) return false;
        for (found, form) |character, wanted| {
            const fits = switch (wanted) {
                'x' => switch (character) {
                    '0'...'9', 'a'...'f' => true,
                    else => false,
                },
                'v' => switch (character) {
                    '8', '9', 'a', 'b' => true,
                    else => false,
                },
                else => character == wanted,
            };
            if (!fits) return false;
        }
        return true;
    }
};

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

// A type that disappears breaks the build of an application; one that is added here is a promise.
const TYPES = {
  shared: [
    "ActiveSessionInfo",
    "AuthContextKind",
    "AuthCookieNames",
    "AuthErrorCode",
    "AuthErrorResponse",
    "AuthJwtPayload",
    "AuthPlatformUserClient",
    "AuthResponseCode",
    "AuthResult",
    "AuthUserClient",
    "DashboardJwtPayload",
    "DashboardType",
    "FieldError",
    "IdentityInfo",
    "IssuedWsTicket",
    "LoginResult",
    "MfaChallengeResult",
    "MfaContext",
    "MfaSetupResult",
    "MfaTempPayload",
    "MfaTempType",
    "NewRecoveryCodes",
    "PlatformAuthResult",
    "PlatformJwtPayload",
    "PlatformLoginResult",
    "PlatformType",
    "RotatedTokens",
    "TokenDeliveryMode",
    "VerifiedToken",
  ],
  client: [
    "AuthClient",
    "AuthClientConfig",
    "AuthErrorCode",
    "AuthErrorResponse",
    "AuthFetch",
    "AuthFetchConfig",
    "AuthTokenStore",
    "AuthTokens",
    "LoginInput",
    "RefreshFailure",
    "RefreshFailureReason",
    "RefreshOutcome",
    "RegisterInput",
    "ResetPasswordInput",
  ],
  react: [
    "AcceptInvitationInput",
    "AuthContextValue",
    "AuthProviderProps",
    "AuthStatus",
    "InvitationInput",
    "SessionStatus",
    "UseAuthResult",
    "UseAuthStatusResult",
    "UseEmailVerificationResult",
    "UseInvitationsResult",
    "UseMfaResult",
    "UseOAuthResult",
    "UseSessionResult",
    "UseSessionsResult",
  ],
  components: [
    "Appearance",
    "Locale",
    "Messages",
    "MfaChallengeProps",
    "Part",
    "ResetPasswordProps",
    "SessionListProps",
    "SignInProps",
    "SignUpProps",
    "VerifyEmailProps",
  ],
  edge: ["AuthJwtPayload", "DecodedToken", "JwtHeader", "TokenBinding", "VerifyOptions"],
  nextjs: [
    "AuthForwardHandler",
    "AuthForwardHandlerConfig",
    "AuthHandlerConfig",
    "AuthJwtPayload",
    "AuthProxyConfig",
    "AuthProxyInstance",
    "AuthProxyRoleRule",
    "ClientRefreshHandler",
    "ClientRefreshHandlerConfig",
    "DecodedToken",
    "ForwardContext",
    "HeadersLike",
    "JwtHeader",
    "LogoutHandler",
    "LogoutHandlerConfig",
    "LogoutHandlerRedirectConfig",
    "LogoutHandlerStatusConfig",
    "ParsedSetCookie",
    "ProtectedRoutePattern",
    "RequestWithHeaders",
    "RequestWithUrl",
    "ResolvedAuthProxyConfig",
    "Session",
    "SilentRefreshHandler",
    "SilentRefreshHandlerConfig",
    "TokenBinding",
    "VerifyOptions",
  ],
};

test.each(Object.entries(TYPES))("./%s exports its types", (entry, types) => {
  const text = readFileSync(new URL(`../src/${entry}/index.ts`, import.meta.url), "utf8");
  expect(typesIn(text)).toEqual(types);
});

/** The types that a file exports in lists; it may export nothing in another way. */
function typesIn(text: string): string[] {
  const lists = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)];
  expect(lists.length).toBe(text.match(/^export /gm)?.length);
  const names = lists.flatMap(([, isOfTypes, list = ""]) => {
    const items = list.split(",").map((item) => item.trim());
    const types = isOfTypes === undefined ? items.filter((item) => item.startsWith("type ")) : items;
    return types.filter((item) => item !== "").map((item) => item.replace(/^.* as |^type /, ""));
  });
  return names.sort();
}

export { AUTH_REFRESH_SKIP_PATH_SUFFIXES, buildAuthRefreshSkipSuffixes } from "./refresh-skip.ts";

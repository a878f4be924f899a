/** Whether this is `next build`, which runs the modules of pages and routes without the variables of production. */
export function isBuilding(): boolean {
  return process.env.NEXT_PHASE === "phase-production-build";
}

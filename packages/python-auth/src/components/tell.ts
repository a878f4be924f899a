/** Tells the application; what it throws, or rejects with, is its own fault, and not one of the form. */
export function tell(callback: () => unknown): void {
  new Promise((resolve) => {
    resolve(callback());
  }).catch(reportError);
}

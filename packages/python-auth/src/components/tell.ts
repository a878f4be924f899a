/** Tells the application; what it throws is its own fault, and not one of the form. */
export function tell(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}

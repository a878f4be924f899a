/** Something to wait for, and the way to let it happen. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
  wasOpened(): boolean;
}

export function gate(): Gate {
  let isOpen = false;
  let resolve = (): void => undefined;
  const opened = new Promise<void>((done) => {
    resolve = done;
  });
  const open = (): void => {
    isOpen = true;
    resolve();
  };
  return { opened, open, wasOpened: () => isOpen };
}

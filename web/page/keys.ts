/** What one or several keys of the map page do. */
export interface Binding {
  /** `KeyboardEvent.key`; with Shift the same name, and the action finds out by `shiftKey`. */
  readonly keys: readonly string[];
  /** As a person reads them, one `kbd` element each. */
  readonly shown: readonly string[];
  readonly help: string;
  readonly run: (event: KeyboardEvent) => void;
}

/** Runs what is bound to a key, except where an input, a dialog or a list uses the keys itself. `before` runs first. */
export function bindKeys(bindings: readonly Binding[], before: () => void): void {
  const byKey = new Map(bindings.flatMap(({ keys, run }) => keys.map((key) => [key, run] as const)));
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof Element && target.closest('input, textarea, select, dialog, [role=listbox]'))
      return;
    const run = byKey.get(event.key);
    if (!run) return;
    event.preventDefault();
    before();
    run(event);
  });
}

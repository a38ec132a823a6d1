/** Where the list of compositors would cover half of the map; narrow.css uses the same width. */
const NARROW = '(width < 720px)';

/** The button that hides the list of compositors and shows it. On a narrow screen the list is hidden at first: the map comes first. */
export function bindFold({ panel, button }: { panel: HTMLElement; button: HTMLElement }): void {
  const fold = (folded: boolean) => {
    panel.classList.toggle('folded', folded);
    button.setAttribute('aria-expanded', String(!folded));
    button.setAttribute('aria-label', folded ? 'Show the panel' : 'Hide the panel');
  };
  fold(matchMedia(NARROW).matches);
  button.addEventListener('click', () => fold(!panel.classList.contains('folded')));
}

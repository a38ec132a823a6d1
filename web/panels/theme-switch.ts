import { DARK, LIGHT, type Theme } from '../colours/theme.ts';

const KEY = 'compositord.theme';

/** Dark or light: the system's preference, until somebody presses the button. */
export class ThemeSwitch {
  readonly #button: HTMLElement;
  readonly #system = matchMedia('(prefers-color-scheme: light)');
  /** Called for each change. */
  onChange: (theme: Theme) => void = () => undefined;

  constructor(options: { button: HTMLElement }) {
    this.#button = options.button;
    this.#system.addEventListener('change', () => this.#apply());
    this.#button.addEventListener('click', () => this.toggle());
    this.#apply();
  }

  get current(): Theme {
    const chosen = stored();
    return (chosen ?? (this.#system.matches ? 'light' : 'dark')) === 'light' ? LIGHT : DARK;
  }

  toggle(): void {
    const next = this.current === LIGHT ? 'dark' : 'light';
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Without storage the choice lasts until the page is closed.
      chosenHere = next;
    }
    this.#apply();
  }

  #apply(): void {
    const theme = this.current;
    document.documentElement.dataset['theme'] = theme.name;
    this.#button.setAttribute('aria-label', theme === LIGHT ? 'Use the dark theme' : 'Use the light theme');
    this.onChange(theme);
  }
}

let chosenHere: string | undefined;

function stored(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? chosenHere;
  } catch {
    return chosenHere;
  }
}

import type { Rgb } from './colour.ts';

/** What the plane needs to know of dark and light; the rest is in style.css. */
export interface Theme {
  readonly name: 'dark' | 'light';
  readonly paper: Rgb;
  readonly ink: Rgb;
  /** OKLCH, of compositors' colours. */
  readonly lightness: number;
  readonly chroma: number;
}

const DARK: Theme = {
  name: 'dark',
  paper: [0.043, 0.055, 0.082],
  ink: [0.84, 0.88, 0.95],
  lightness: 0.7,
  chroma: 0.125,
};
const LIGHT: Theme = {
  name: 'light',
  paper: [0.965, 0.957, 0.937],
  ink: [0.16, 0.17, 0.2],
  lightness: 0.66,
  chroma: 0.135,
};

const KEY = 'compositord.theme';

/** Dark or light: what the system prefers, until somebody presses the button. */
export class Themes {
  readonly #button: HTMLElement;
  readonly #system = matchMedia('(prefers-color-scheme: light)');
  /** Told of each change. */
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
      // Without storage the choice lasts as long as the page.
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

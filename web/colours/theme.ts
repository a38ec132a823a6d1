import type { Rgb } from '../../src/pattern/colour.ts';

/** The colours that WebGL needs; the others are in style.css. */
export interface Theme {
  readonly name: 'dark' | 'light';
  readonly paper: Rgb;
  readonly ink: Rgb;
  /** OKLCH lightness and chroma of the compositors' colours. */
  readonly lightness: number;
  readonly chroma: number;
}

export const DARK: Theme = {
  name: 'dark',
  paper: [0.043, 0.055, 0.082],
  ink: [0.84, 0.88, 0.95],
  lightness: 0.7,
  chroma: 0.125,
};
export const LIGHT: Theme = {
  name: 'light',
  paper: [0.965, 0.957, 0.937],
  ink: [0.16, 0.17, 0.2],
  lightness: 0.66,
  chroma: 0.135,
};

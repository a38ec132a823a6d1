import { copyText } from '../page/clipboard.ts';
import { button, element } from '../page/dom.ts';

/** Seconds that the button says what happened. */
const SAID = 2;

/** A button that copies what `textOf` says then. Where the browser does not let it, the text stands below, selected. */
export function copyButton(
  label: string,
  textOf: () => string,
  announce: (text: string) => void,
): HTMLElement {
  const root = element('div', 'copy');
  const field = element('input', 'copy-text');
  field.readOnly = true;
  field.hidden = true;
  field.setAttribute('aria-label', label);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const copy = button('action', label, () => {
    const text = textOf();
    copy.dataset['text'] = text;
    void copyText(text).then((copied) => {
      field.hidden = copied;
      if (!copied) {
        field.value = text;
        field.focus();
        field.select();
        return;
      }
      announce('Copied');
      copy.textContent = 'Copied';
      clearTimeout(timer);
      timer = setTimeout(() => (copy.textContent = label), SAID * 1000);
    });
  });
  root.append(copy, field);
  return root;
}

import { copyText } from '../page/clipboard.ts';

/** Milliseconds that the button shows that the link was copied. */
const SHOWN = 2000;

export interface LinkButtonOptions {
  readonly button: HTMLButtonElement;
  /** Shows the link to be copied by hand, where the browser does not let a page copy. */
  readonly dialog: HTMLDialogElement;
  readonly field: HTMLInputElement;
  readonly close: HTMLElement;
  /** The address of what is seen now. */
  readonly linkOf: () => string;
  readonly say: (text: string) => void;
}

/** The button that copies the link to exactly what is seen: place, moment, panel and comparison. */
export function bindLinkButton({ button, dialog, field, close, linkOf, say }: LinkButtonOptions): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  close.addEventListener('click', () => dialog.close());
  button.addEventListener('click', () => {
    const link = linkOf();
    void copyText(link).then((copied) => {
      if (!copied) {
        field.value = link;
        dialog.showModal();
        field.select();
        return;
      }
      say('Copied the link to all that you see.');
      button.classList.add('copied');
      clearTimeout(timer);
      timer = setTimeout(() => button.classList.remove('copied'), SHOWN);
    });
  });
}

/** A part of a request that the daemon found wrong. */
export interface FieldProblem {
  /** `body`, `query`, `path` or `headers`. */
  readonly in?: string;
  /** A JSON pointer into the body (`/3,-4`), or the name of the parameter. */
  readonly field: string;
  readonly detail?: string;
}

/** Why a request was refused (RFC 9457). What a proxy on the way answers is put into this form, too. */
export interface ProblemDetails {
  /** As in HTTP. */
  readonly status: number;
  /** The URL that explains it; `about:blank` where there is none. */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** The last part of `type`, such as `tile-taken`; empty where there is none. */
  readonly code: string;
  readonly errors: readonly FieldProblem[];
}

/** The daemon refused a request. */
export class Refused extends Error implements ProblemDetails {
  override readonly name = 'Refused';
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly errors: readonly FieldProblem[];

  constructor({ status, type, title, detail, code, errors }: ProblemDetails) {
    super(detail);
    this.status = status;
    this.type = type;
    this.title = title;
    this.detail = detail;
    this.code = code;
    this.errors = errors;
  }

  /** Those that the daemon names as wrong, as JSON pointers: `/3,-4`. */
  get fields(): string[] {
    return this.errors.map(({ field }) => field);
  }
}

/** The problem in the body of a reply. */
export function problemIn(status: number, statusText: string, text: string): ProblemDetails {
  try {
    return problemOf(JSON.parse(text), status, statusText);
  } catch {
    // Not from the daemon: a proxy on the way.
    return problemOf(
      {
        detail: text
          .replace(/<[^>]*>|\s+/g, ' ')
          .trim()
          .slice(0, 200),
      },
      status,
      statusText,
    );
  }
}

/** A problem as it arrives, with what may be missing in it, or not ours. */
export function problemOf(body: unknown, status = 500, statusText = ''): ProblemDetails {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const textOf = (field: string) => (typeof given[field] === 'string' ? given[field] : '');
  const type = textOf('type') || 'about:blank';
  const title = textOf('title') || statusText || `HTTP ${status}`;
  return {
    status,
    type,
    title,
    detail: textOf('detail') || `${status} ${title}`,
    code: /[^/]*$/.exec(type)![0].replace(/^about:blank$/, ''),
    errors: Array.isArray(given['errors']) ? (given['errors'] as FieldProblem[]) : [],
  };
}

/** The problem, `final` where it would come again: a function for a token may give another one. */
export function finalUnless<P extends ProblemDetails>(token: unknown, problem: P): P & { final?: true } {
  const lasting = isLasting(problem);
  const isFinal = lasting === 'token' ? typeof token !== 'function' : lasting;
  return isFinal ? { ...problem, final: true } : problem;
}

/** Whether the same request would be refused again; `'token'`: unless it has another token. */
export function isLasting({ status, code }: { status?: number | undefined; code?: string } = {}):
  boolean | 'token' {
  return status === 401 || status === 403 ? 'token' : code === 'invalid-request';
}

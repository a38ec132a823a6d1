import { isBound, type Principal, type Quota, type Scope } from './token.ts';
import { formatRect, parseRect } from './view.ts';

/** The scopes that widen what a limited token may do. */
const WIDENING = ['takeover', 'connect'] as const satisfies readonly Scope[];

/**
 * What a compositor is held to when it writes over its own connection, where it shows no token: the limits of the token that registered it
 * there, or of its section of the configuration. It stands in the entry, so that every replica knows it, whatever became of the token.
 */
export interface RegistrationLimits {
  /** Ids and beginnings of ids, see {@link Principal}. */
  readonly compositors?: readonly string[];
  /** `x1,y1,x2,y2`. */
  readonly view?: string;
  readonly quota?: Quota;
  readonly scopes?: readonly (typeof WIDENING)[number][];
}

/** The limits that a registration by `principal` gets; undefined for a token without limits, and without a token. */
export function limitsOf(principal: Principal | undefined): RegistrationLimits | undefined {
  if (!principal || !(isBound(principal) || principal.quota)) return undefined;
  const { compositors, view, quota } = principal;
  const scopes = WIDENING.filter(
    (scope) => principal.scopes.includes(scope) || principal.scopes.includes('admin'),
  );
  // In one order, so that equal limits are equal as JSON.
  return {
    ...(compositors && { compositors }),
    ...(view && { view: formatRect(view) }),
    ...(quota && { quota: inOrder(quota) }),
    ...(scopes.length > 0 && { scopes }),
  };
}

/** On whose behalf a compositor with these limits writes over its connection; undefined: it has none. */
export function principalOfConnection(limits: RegistrationLimits | undefined): Principal | undefined {
  if (!limits) return undefined;
  const { compositors, view, quota, scopes = [] } = limits;
  return {
    key: '',
    scopes: ['write', ...scopes],
    compositors,
    view: view === undefined ? undefined : parseRect(view),
    quota,
  };
}

function inOrder({ compositors, tiles, regions, bytes }: Quota): Quota {
  return {
    ...(compositors !== undefined && { compositors }),
    ...(tiles !== undefined && { tiles }),
    ...(regions !== undefined && { regions }),
    ...(bytes !== undefined && { bytes }),
  };
}

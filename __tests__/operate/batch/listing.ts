import type { ApiRequest, ApiResponse, CallApi } from '../../../release/adapters/google/googleApi';

export interface Listing {
  readonly call: CallApi;
  /** Requests so far. */
  calls(): number;
  /** Objects that were handed out. */
  handedOut(): number;
}

const KINDS = ['pdf', 'tif', 'png', 'docx'];

/** A bucket of so many objects that are made when they are listed: nothing of it is kept anywhere. */
export function listingOf(objects: number): Listing {
  let [calls, handedOut] = [0, 0];
  const call = (_api: string, { query = {} }: ApiRequest) => {
    calls += 1;
    const from = Number(query.pageToken ?? 0);
    const to = Math.min(objects, from + Number(query.maxResults));
    handedOut += to - from;
    const items = Array.from({ length: to - from }, (_, index) => {
      const at = from + index;
      const name = `in/${String(at).padStart(9, '0')} a name of some length.${KINDS[at % KINDS.length]}`;
      return { name, size: String(1 + ((at * 7919) % 5_000_000)), generation: String(1.7e15 + at) };
    });
    return Promise.resolve({
      status: 200,
      headers: new Headers(),
      data: { items, ...(to < objects && { nextPageToken: String(to) }) },
    } as ApiResponse<unknown>);
  };
  return { call: call as CallApi, calls: () => calls, handedOut: () => handedOut };
}

//! Responses of the API as state of a component.

import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { getJson, Problem } from "./client";

/** The number of responses that are kept for the back button. */
const KEPT = 60;
const known = new Map<string, unknown>();

function keep(path: string, data: unknown): void {
  known.delete(path);
  known.set(path, data);
  const oldest = known.keys().next().value;
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
}

export interface Resource<T> {
  /** The newest response; that of the previous path while the next one loads. */
  data: T | null;
  problem: Problem | null;
  isLoading: boolean;
  reload: () => void;
}

interface State<T> {
  path: string | null;
  data: T | null;
  problem: Problem | null;
  isLoading: boolean;
}

/** Reads `path` (none while it is `null`), again whenever `version` changes. */
export function useResource<T>(path: string | null, version = 0): Resource<T> {
  const [state, setState] = useState<State<T>>({ path: null, data: null, problem: null, isLoading: path !== null });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(path);
  latest.current = path;
  const reload = useCallback(() => setAttempt((number) => number + 1), []);

  // Before the browser paints, so that the request does not wait for it.
  useLayoutEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const data = known.get(path) as T | undefined;
    setState((before) =>
      data === undefined
        ? { ...before, isLoading: true }
        : { path, data, problem: before.path === path ? before.problem : null, isLoading: false },
    );
    getJson<T>(path, abort.signal).then(
      (response) => {
        keep(path, response);
        setState({ path, data: response, problem: null, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, "offline", "", 5);
        setState((before) => ({ ...before, problem, isLoading: false }));
        if (problem.retryAfter > 0) timer = setTimeout(reload, problem.retryAfter * 1000);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, version, attempt, reload]);

  const current = path === null ? undefined : (known.get(path) as T | undefined);
  return {
    data: path === null ? null : (current ?? state.data),
    problem: state.problem,
    isLoading: state.isLoading || (path !== null && current === undefined && !state.problem),
    reload,
  };
}

/** How much may be under way: jobs, and their weights together. One job is always let through. */
type Window = { readonly jobs: number; readonly weight: number };

/**
 * Runs jobs side by side and gives their results in the order of the jobs. No job is taken from `jobs` before there is
 * room for it, so that memory is bounded however slow the consumer is.
 */
export async function* inOrder<J, R>(
  jobs: AsyncIterable<J> | Iterable<J>,
  run: (job: J) => Promise<R>,
  { window, weightOf }: { readonly window: Window; readonly weightOf: (job: J) => number },
): AsyncGenerator<R> {
  const running: { readonly result: Promise<R>; readonly weight: number }[] = [];
  let weight = 0;
  const first = async (): Promise<R> => {
    const [job] = running;
    const result = await (job?.result as Promise<R>);
    running.shift();
    weight -= job?.weight ?? 0;
    return result;
  };
  for await (const job of jobs) {
    const heavy = weightOf(job);
    while (running.length > 0 && (running.length >= window.jobs || weight + heavy > window.weight)) yield await first();
    const result = run(job);
    // It may fail before its turn comes, and is then asked for: until then nobody else listens.
    result.catch(() => undefined);
    running.push({ result, weight: heavy });
    weight += heavy;
    if (window.jobs === 1) yield await first();
  }
  while (running.length > 0) yield await first();
}

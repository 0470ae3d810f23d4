/**
 * M/M/c: Poisson arrivals, exponential service, c servers, one queue. The share of arrivals that wait is Erlang's C formula, and
 * the mean wait follows from it (L. Kleinrock, Queueing Systems I, 1975, 3.5).
 */
export function erlangC(servers: number, load: number, serviceSeconds: number) {
  // Erlang's B by its recursion, then C from B: no factorials.
  let blocked = 1;
  for (let count = 1; count <= servers; count++) blocked = (load * blocked) / (count + load * blocked);
  const share = (servers * blocked) / (servers - load * (1 - blocked));
  return { share, mean: (share * serviceSeconds) / (servers - load) };
}

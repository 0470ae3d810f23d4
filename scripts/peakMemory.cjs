// Preloaded into a measured process (scripts/measure.ts): its peak resident memory, in KiB, as its last words on fd 3.
process.on('exit', () => require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS)));

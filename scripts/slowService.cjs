// A service for benchmarks, in a process of its own: speaks as much of the protocol as a page needs, decodes 8 requests at a
// time, takes the milliseconds of its first argument for each and reads nothing. Prints its port.
const { createServer } = require('node:http');
const { bulkhead } = require('cockatiel');

const milliseconds = Number(process.argv[2]);
const slots = bulkhead(8, Number.MAX_SAFE_INTEGER);
const answer = JSON.stringify({
  choices: [{ message: { role: 'assistant', content: 'read' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 2161, completion_tokens: 1 },
});

const server = createServer((request, response) => {
  request.resume().on('end', () =>
    slots.execute(async () => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    }),
  );
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

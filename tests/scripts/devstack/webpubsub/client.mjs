// The official npm client on strings: commands are lines of JSON on standard input, events lines on standard output.
// Arguments: a file beside node_modules, and the subprotocol to speak.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [besidePackages, subprotocol] = process.argv.slice(2);
const { WebPubSubClient, WebPubSubJsonProtocol, WebPubSubJsonReliableProtocol } =
  createRequire(besidePackages)("@azure/web-pubsub-client");
const protocols = [WebPubSubJsonProtocol(), WebPubSubJsonReliableProtocol()];

const tell = (event, details) => console.log(JSON.stringify({ event, ...details }));

const negotiations = [];
const negotiate = () =>
  new Promise((resolve) => {
    negotiations.push(resolve);
    tell("negotiate");
  });

const client = new WebPubSubClient(
  { getClientAccessUrl: negotiate },
  {
    protocol: protocols.find(({ name }) => name === subprotocol),
    messageRetryOptions: { maxRetries: 0 },
  },
);
client.on("connected", ({ connectionId, userId }) => tell("connected", { connectionId, userId }));
client.on("disconnected", () => tell("disconnected"));
client.on("stopped", () => tell("stopped"));
client.on("group-message", ({ message }) => tell("message", { group: message.group, data: message.data }));
client.on("server-message", ({ message }) => tell("message", { data: message.data }));

const commands = {
  url: ({ url }) => negotiations.shift()(url),
  start: () => client.start(),
  join: ({ group }) => client.joinGroup(group),
  send: ({ group, data, ackId }) => client.sendToGroup(group, data, "json", { ackId }),
  // No public way to lose a connection without a goodbye.
  cut: () => client._wsClient._socket.terminate(),
  stop: () => client.stop(),
};

const obey = async ({ command, ...details }) => {
  try {
    tell("done", { command, result: await commands[command](details) });
  } catch (error) {
    tell("failed", { command, error: error.errorDetail?.name ?? String(error) });
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line));
}
process.exit();

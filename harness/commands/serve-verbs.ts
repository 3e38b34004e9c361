import { type Command, InvalidArgumentError } from "commander";

type Example = (verb: Command, ...lines: string[]) => Command;

/** Registers `serve`. */
export function serveVerbs(
  program: Command,
  {
    example,
    done,
    write,
  }: { readonly example: Example; readonly done: (code: number) => void; readonly write: (text: string) => void },
): void {
  example(
    program
      .command("serve")
      .description("show a results folder in the browser, with the running job live; read only")
      .argument("[dir]", "folder with the folders of jobs and soaks", "job-results")
      .option("--port <n>", "port to listen on; 0 is any that is free", port, 0)
      .option(
        "--host <address>",
        "address to listen on; others than this machine's own can be reached by anybody there",
        "127.0.0.1",
      )
      .action(async (dir, options) => done(await (await import("./serve.js")).serve(dir, options, write))),
    "serve",
    "serve job-results --port 8080",
  );
}

const port = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("Write a port, 0 to 65535.");
};

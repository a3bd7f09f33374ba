import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { execa } from 'execa'

/** Serves the repositories beneath a folder by git's own program, over HTTP. */
export async function serveGit(folder: string, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(error => response.writeHead(500).end(String(error)))
  })
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

/** RFC 3875, as much of it as git needs. */
const answer = async (folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git')
  const { headers } = request
  const { stdout } = await execa('git', ['http-backend'], {
    env: {
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    },
    input: request,
    encoding: 'buffer',
  })
  const end = Buffer.from(stdout).indexOf('\r\n\r\n')
  const lines = Buffer.from(stdout).subarray(0, end).toString().split('\r\n')
  const fields = new Map(lines.map(line => line.split(': ', 2) as [name: string, value: string]))
  response.statusCode = Number.parseInt(fields.get('Status') ?? '200', 10)
  fields.delete('Status')
  response.setHeaders(fields).end(stdout.subarray(end + 4))
}

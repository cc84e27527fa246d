/**
 * What each server is told, so that all of them serve the same paths as far as they can:
 *
 * - `/…`: files under `www`; compressed where that is worth it
 * - `/app/…`: handed to the backend; `/direct/…`: the same without buffering
 * - `/dav/…`: files that can be PUT
 * - `/limited/…`: refuses more than 1 KiB of content; handed to the backend or stored
 * - `/slow/…`: files again, at most 1 MiB a second
 * - `/old/…`: handed to the backend, answered with HTTP/1.0
 * - `/silent`: the connection closed without an answer
 * - `/down/…`: handed to a backend that is not there
 */

export interface ServerSettings {
  /** The backend's. */
  readonly backendPort?: number
  /** How long a connection may be idle. Default 60,000. */
  readonly idleMs?: number
  /** Requests on one connection at most. Default 10,000. */
  readonly maxRequests?: number
  /** For the port with TLS; without it there is none. PEM. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

interface Setup extends ServerSettings {
  readonly folder: string
  readonly port: number
  readonly securePort: number
  /** What `/started` has to say. */
  readonly nonce: string
}

interface Configuration {
  /** Written to the file `configuration` in the folder. */
  readonly configuration: string
  readonly args: readonly string[]
}

export type Program = 'nginx' | 'apache2' | 'lighttpd' | 'haproxy' | 'python3'

export const CONFIGURATIONS: Record<Program, (setup: Setup) => Configuration> = {
  nginx,
  apache2,
  lighttpd,
  haproxy,
  python3,
}

const isRoot = process.getuid?.() === 0
/** Nothing listens there. */
const CLOSED_PORT = 1

function nginx({
  folder,
  port,
  securePort,
  tls,
  backendPort = CLOSED_PORT,
  idleMs = 60_000,
  maxRequests = 10_000,
}: Setup): Configuration {
  const proxy = `proxy_pass http://127.0.0.1:${backendPort}; proxy_http_version 1.1; proxy_set_header Connection "";`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const configuration = `
    daemon off;
    worker_processes 1;
    pid ${folder}/pid;
    ${isRoot ? 'user root;' : ''}
    events { worker_connections 512; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/tmp/${name};`).join(' ')}
      types { text/html html; text/plain txt; }
      default_type application/octet-stream;
      keepalive_timeout ${idleMs}ms;
      keepalive_requests ${maxRequests};
      client_max_body_size 100m;
      gzip on;
      gzip_min_length 1000;
      gzip_types text/plain;
      server {
        listen 127.0.0.1:${port};
        ${tls === undefined ? '' : `listen 127.0.0.1:${securePort} ssl; ssl_certificate ${folder}/tls.pem; ssl_certificate_key ${folder}/tls.pem;`}
        root ${folder}/www;
        location /app/ { ${proxy} }
        location /direct/ { ${proxy} proxy_request_buffering off; proxy_buffering off; }
        location /dav/ { root ${folder}; dav_methods PUT; }
        location /limited/ { ${proxy} client_max_body_size 1k; }
        location /slow/ { alias ${folder}/www/; limit_rate 1m; }
        location /silent { return 444; }
        location /down/ { proxy_pass http://127.0.0.1:${CLOSED_PORT}; }
      }
    }`
  return { configuration, args: ['-p', folder, '-e', 'stderr', '-c', `${folder}/configuration`] }
}

const APACHE_MODULES =
  'mpm_event authz_core alias mime headers filter deflate dav dav_fs proxy proxy_http env setenvif ratelimit ssl'

function apache2({
  folder,
  port,
  securePort,
  tls,
  backendPort = CLOSED_PORT,
  idleMs = 60_000,
  maxRequests = 10_000,
}: Setup): Configuration {
  const modules = APACHE_MODULES.split(' ')
  const configuration = `
    ${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
    ServerRoot ${folder}
    DefaultRuntimeDir ${folder}
    ServerName localhost
    PidFile ${folder}/pid
    Mutex pthread
    ErrorLog ${folder}/error.log
    ${isRoot ? 'User #65534\nGroup #65534' : ''}
    StartServers 1
    ThreadsPerChild 50
    Listen 127.0.0.1:${port}
    KeepAliveTimeout ${idleMs}ms
    MaxKeepAliveRequests ${maxRequests}
    TypesConfig /dev/null
    AddType text/html .html
    AddType text/plain .txt
    AddOutputFilterByType DEFLATE text/html text/plain
    <Directory />
      Require all granted
    </Directory>
    DocumentRoot ${folder}/www
    Alias /slow ${folder}/www
    <Location /slow>
      SetOutputFilter RATE_LIMIT
      SetEnv rate-limit 1024
    </Location>
    DavLockDB ${folder}/tmp/locks
    Alias /dav ${folder}/dav
    <Location /dav>
      Dav On
    </Location>
    ProxyPass /app/ http://127.0.0.1:${backendPort}/app/
    Alias /limited ${folder}/dav
    <Location /limited>
      Dav On
      LimitRequestBody 1024
    </Location>
    ProxyPass /old/ http://127.0.0.1:${backendPort}/old/
    SetEnvIf Request_URI ^/old/ downgrade-1.0 force-response-1.0
    ProxyPass /down/ http://127.0.0.1:${CLOSED_PORT}/ retry=0
    ${
      tls === undefined
        ? ''
        : `Listen 127.0.0.1:${securePort}
    <VirtualHost 127.0.0.1:${securePort}>
      SSLEngine on
      SSLCertificateFile ${folder}/tls.pem
    </VirtualHost>`
    }
`
  return { configuration, args: ['-f', `${folder}/configuration`, '-DFOREGROUND'] }
}

function lighttpd({
  folder,
  port,
  backendPort = CLOSED_PORT,
  idleMs = 60_000,
  maxRequests = 10_000,
}: Setup): Configuration {
  const backend = `proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => ${backendPort} )) )`
  const configuration = `
    server.document-root = "${folder}/www"
    server.bind = "127.0.0.1"
    server.port = ${port}
    server.modules = ( "mod_alias", "mod_proxy" )
    server.upload-dirs = ( "${folder}/tmp" )
    server.max-keep-alive-idle = ${Math.ceil(idleMs / 1000)}
    server.max-keep-alive-requests = ${maxRequests}
    mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream" )
    alias.url = ( "/slow/" => "${folder}/www/" )
    $HTTP["url"] =~ "^/slow/" { connection.kbytes-per-second = 1024 }
    $HTTP["url"] =~ "^/app/" { ${backend} }
    $HTTP["url"] =~ "^/direct/" { ${backend} server.stream-response-body = 2 server.stream-request-body = 2 }
    $HTTP["url"] =~ "^/limited/" { ${backend} server.max-request-size = 1 }
    $HTTP["url"] =~ "^/old/" { ${backend} server.protocol-http11 = "disable" }
    $HTTP["url"] =~ "^/down/" { proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => ${CLOSED_PORT} )) ) }
`
  return { configuration, args: ['-D', '-f', `${folder}/configuration`] }
}

function haproxy({
  folder,
  port,
  securePort,
  tls,
  nonce,
  backendPort = CLOSED_PORT,
  idleMs = 60_000,
}: Setup): Configuration {
  const configuration = `
global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive ${idleMs}ms
frontend all
  bind 127.0.0.1:${port}
  ${tls === undefined ? '' : `bind 127.0.0.1:${securePort} ssl crt ${folder}/tls.pem alpn http/1.1`}
  compression algo gzip
  compression type text/plain text/html
  http-request return status 200 content-type text/plain string ${nonce} if { path /started }
  http-request reject if { path /silent }
  http-request deny deny_status 413 if { path_beg /limited/ } { req.hdr_val(content-length) gt 1024 }
  use_backend down if { path_beg /down/ }
  default_backend node
backend node
  server node 127.0.0.1:${backendPort}
backend down
  retries 0
  server down 127.0.0.1:${CLOSED_PORT}
`
  return { configuration, args: ['-db', '-f', `${folder}/configuration`] }
}

/** Files with HTTP/1.1; PUT and POST anywhere tell how much has come. */
const PYTHON = `
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *args):
        pass
    def do_PUT(self):
        left = length = int(self.headers['Content-Length'])
        while left > 0:
            left -= len(self.rfile.read(min(left, 65536)))
        body = str(length).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_PUT
handler = functools.partial(Handler, directory=sys.argv[2])
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), handler).serve_forever()
`

function python3({ folder, port }: Setup): Configuration {
  return { configuration: PYTHON, args: [`${folder}/configuration`, String(port), `${folder}/www`] }
}

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vetalyze/internal/embedded"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/simulator"
)

// TestWebhookBehindProxy puts two instances behind nginx and behind Caddy, with the configurations of
// docs/operations, and Telegram before them: it arrives by TLS, all others are turned away, and an
// instance may go.
func TestWebhookBehindProxy(t *testing.T) {
	t.Parallel()
	for _, proxy := range []struct {
		name    string
		command func(p *proxied) *exec.Cmd
	}{
		{"nginx", (*proxied).nginx},
		{"caddy", (*proxied).caddy},
	} {
		t.Run(proxy.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(proxy.name); err != nil {
				t.Skipf("no %s on this machine", proxy.name)
			}
			p := newProxied(t)
			p.launch(proxy.command(p))
			p.turnsAway()
			sara := p.receptionist()
			p.register(sara, "Ahmed Ali", 1)
			p.must(p.second.end())
			p.register(sara, "Mona Said", 2)
			p.register(sara, "Omar Hany", 3)
			if got := p.count("SELECT count(*) FROM owners"); got != 3 {
				t.Errorf("%d owners, want 3", got)
			}
		})
	}
}

// A proxied is two instances, and what a proxy needs to stand before them.
type proxied struct {
	*program // the first instance
	second   *program
	dir      string
	front    string       // the proxy's address
	backends [2]string    // their LISTEN: a socket, and a port
	client   *http.Client // trusts the proxy's certificate
}

func newProxied(t *testing.T) *proxied {
	t.Helper()
	p := &proxied{dir: t.TempDir(), front: freeAddress(t)}
	p.backends = [2]string{"unix:" + filepath.Join(p.dir, "bot.sock"), freeAddress(t)}
	p.certify(t)
	redis, err := embedded.Redis(t.Context(), embedded.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Stop() })
	p.program = newProgramAt(t, pgtest.URL(t), simulator.WebhookConfig{AllowLocal: true, Client: p.client})
	p.env = append(p.env, "REDIS_URL="+redis.URL(), "PUBLIC_URL=https://"+p.front)
	p.second = p.at(p.backends[1])
	p.program = p.at(p.backends[0])
	return p
}

// at starts an instance that listens there.
func (p *proxied) at(address string) *program {
	one := *p.program
	one.address, one.env = address, append(slices.Clone(p.env), "LISTEN="+address)
	one.start()
	p.t.Cleanup(one.kill)
	one.awaitReady()
	return &one
}

// certify leaves the certificate of a test server, which is good for loopback, in files.
func (p *proxied) certify(t *testing.T) {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	p.client = server.Client()
	p.client.Timeout = patience
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"fullchain.pem": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		"privkey.pem":   {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// configuration is a file of docs/operations with this test's addresses and certificate in it; socket is what the proxy wants
// before the path of a socket.
func (p *proxied) configuration(name, socket string, replacements ...string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations", name))
	p.must(err)
	replacements = append(replacements,
		"127.0.0.1:8080", strings.Replace(p.backends[0], "unix:", socket, 1), "127.0.0.1:8081", p.backends[1])
	for i := 0; i < len(replacements); i += 2 {
		if !bytes.Contains(text, []byte(replacements[i])) {
			p.t.Fatalf("%s has no %q any more", name, replacements[i])
		}
	}
	return strings.NewReplacer(replacements...).Replace(string(text))
}

func (p *proxied) nginx() *exec.Cmd {
	site := p.configuration("nginx.conf", "unix:", "listen 443 ssl", "listen "+p.front+" ssl", "/etc/letsencrypt/live/bot.example.com", p.dir)
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	file := filepath.Join(p.dir, "nginx.conf")
	p.must(os.WriteFile(file, []byte(fmt.Sprintf(`%s
daemon off;
pid %[2]s/pid;
error_log stderr;
events {}
http {
access_log off;
client_body_temp_path %[2]s/body;
proxy_temp_path %[2]s/proxy;
fastcgi_temp_path %[2]s/fastcgi;
uwsgi_temp_path %[2]s/uwsgi;
scgi_temp_path %[2]s/scgi;
%[3]s
}
`, user, p.dir, site)), 0o600))
	return exec.Command("nginx", "-p", p.dir, "-e", "stderr", "-c", file)
}

func (p *proxied) caddy() *exec.Cmd {
	site := p.configuration("Caddyfile", "unix/", "bot.example.com {",
		fmt.Sprintf("https://%s {\n\ttls %s/fullchain.pem %[2]s/privkey.pem", p.front, p.dir))
	file := filepath.Join(p.dir, "Caddyfile")
	p.must(os.WriteFile(file, []byte("{\n\tadmin off\n\tauto_https disable_redirects\n}\n"+site), 0o600))
	command := exec.Command("caddy", "run", "--adapter", "caddyfile", "--config", file)
	command.Env = append(os.Environ(), "HOME="+p.dir, "XDG_DATA_HOME="+p.dir, "XDG_CONFIG_HOME="+p.dir)
	return command
}

// launch starts the proxy and waits until an instance answers through it.
func (p *proxied) launch(proxy *exec.Cmd) {
	p.t.Helper()
	var said bytes.Buffer
	proxy.Stderr = &said
	p.must(proxy.Start())
	p.t.Cleanup(func() {
		_ = proxy.Process.Signal(syscall.SIGTERM) // nginx's workers end with it
		_ = proxy.Wait()
		if p.t.Failed() {
			p.t.Logf("the proxy says:\n%s", said.String())
		}
	})
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(patience); p.ask(http.MethodPost, "/telegram", "{}") != http.StatusUnauthorized; <-look.C {
		if time.Now().After(deadline) {
			p.t.Fatal("nobody answers through the proxy")
		}
	}
}

// ask returns the status of a request that does not know the secret; 0 without an answer.
func (p *proxied) ask(method, path, body string) int {
	request, err := http.NewRequestWithContext(p.t.Context(), method, "https://"+p.front+path, strings.NewReader(body))
	p.must(err)
	answer, err := p.client.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // what it says does not matter
	return answer.StatusCode
}

// turnsAway holds the proxy to showing nothing but the webhook.
func (p *proxied) turnsAway() {
	p.t.Helper()
	for _, stranger := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/", "", 404},
		{http.MethodGet, "/metrics", "", 404},
		{http.MethodGet, "/healthz", "", 404},
		{http.MethodGet, "/readyz", "", 404},
		{http.MethodGet, "/telegram/../metrics", "", 404},
		{http.MethodPost, "/telegram/metrics", "{}", 404},
		{http.MethodGet, "/telegram", "", 405},
		{http.MethodPost, "/telegram", `{"update_id":1}`, 401},
	} {
		if got := p.ask(stranger.method, stranger.path, stranger.body); got != stranger.want {
			p.t.Errorf("%s %s: %d, want %d", stranger.method, stranger.path, got, stranger.want)
		}
	}
	// nginx reads it first and says 413; Caddy passes it on while it reads, so the bot may be quicker.
	switch got := p.ask(http.MethodPost, "/telegram", strings.Repeat(" ", 2<<20)); got {
	case http.StatusRequestEntityTooLarge, http.StatusUnauthorized, http.StatusBadGateway:
	default:
		p.t.Errorf("two megabytes: %d", got)
	}
}

func (p *proxied) register(person *simulator.Person, name string, n int) {
	p.t.Helper()
	person.Send(fmt.Sprintf("/register %s, 0100 200 300%d; Rex dog 2y", name, n))
	p.settle()
	p.tap(person, "✅ Save")
	p.settle()
}

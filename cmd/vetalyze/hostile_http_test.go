package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"vetalyze/internal/telegram"
)

// TestSlowClientsAreLetGo has clients that send too little, and looks when the server lets go of them. Who is answered
// slowly is no such client.
func TestSlowClientsAreLetGo(t *testing.T) {
	t.Parallel()
	const head = "POST /refuses HTTP/1.1\r\nHost: x\r\n"
	for _, test := range []struct {
		name   string
		begin  string // sent at once
		drip   string // sent again and again, a second apart
		answer string // the status
		after  time.Duration
	}{
		{"says nothing", "", "", "", headerTime},
		{"a header without end", "GET / HTTP/1.1\r\nHost: x\r\n", "X: y\r\n", "", headerTime},
		{"a request without end", "", "G", "", headerTime},
		{"a body that does not come", head + "Content-Length: 1000\r\n\r\n", "", "401", bodyTime},
		{"a body that drips", head + "Content-Length: 1000\r\n\r\n", "x", "401", bodyTime},
		{"chunks that drip", head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "401", bodyTime},
		{"a body that is read and does not come", "POST /reads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "x", "400", bodyTime},
		{"a body where none is wanted", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "", "200", bodyTime},
		{"stays after the answer", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "", "200", idleTime},
		{"waits for its answer", "POST /waits HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", "", "200", 55 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dial := servePipes(t)
				client := dial()
				started := time.Now()
				said := make(chan struct{})
				go func() {
					defer close(said)
					_, _ = io.WriteString(client, test.begin)
					for test.drip != "" {
						time.Sleep(time.Second)
						if _, err := io.WriteString(client, test.drip); err != nil {
							return
						}
					}
				}()
				answer, err := io.ReadAll(client)
				_ = client.Close()
				if took := time.Since(started); err != nil || took < test.after || took > test.after+time.Second {
					t.Errorf("let go after %v with %v, want %v", took, err, test.after)
				}
				_, status, _ := strings.Cut(string(answer), " ")
				if !strings.HasPrefix(status, test.answer) || test.answer == "" && len(answer) > 0 && !strings.HasPrefix(status, "4") {
					t.Errorf("answered %q, want %s", answer, test.answer)
				}
				<-said
			})
		})
	}
}

// servePipes serves as serve does, on connections inside the test's time.
func servePipes(t *testing.T) (dial func() net.Conn) {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/refuses", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusUnauthorized) })
	mux.HandleFunc("/reads", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "", http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/waits", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-time.After(55 * time.Second):
		case <-r.Context().Done():
			http.Error(w, "", http.StatusServiceUnavailable)
		}
	})
	listener := &pipes{calls: make(chan net.Conn), closed: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	group, ctx := errgroup.WithContext(ctx)
	serveHTTP(ctx, group, listener, mux, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		stop()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
	return func() net.Conn {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = ours.Close() })
		listener.calls <- theirs
		return ours
	}
}

// pipes listens where dialling is a pipe.
type pipes struct {
	calls  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case call := <-p.calls:
		return call, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestWebhookUnderAttack sends a running bot what Telegram never would, with the secret and without, while hundreds of
// connections are held open that never finish their request. Every one is turned away with a status that is the sender's
// fault; the health checks and Telegram itself are answered meanwhile.
func TestWebhookUnderAttack(t *testing.T) {
	t.Parallel()
	p := newProgram(t, true)
	sara := p.receptionist()
	p.start()
	p.awaitReady()
	api, err := telegram.NewClient(t.Context(), telegram.ClientConfig{Token: demoToken, APIURL: "http://simulator", HTTP: p.sim.Client()})
	p.must(err)

	const held = 200
	for i := range held {
		begun := "POST /telegram HTTP/1.1\r\nHost: x\r\n"
		if i%2 == 0 {
			begun += "Content-Length: 1000000\r\n\r\n{"
		}
		p.say(begun)
	}
	for _, attack := range attacks(api.WebhookSecret()) {
		if got := p.status(attack.request); got != attack.want {
			t.Errorf("%s: %s, want %s", attack.name, got, attack.want)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if got := p.status("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); got != "200" {
			t.Errorf("%s under attack: %s", path, got)
		}
	}
	sara.Start("")
	p.settle()
	sara.Send("/register Ahmed Ali, 0100 123 4567; Rex dog 2y")
	p.settle()
	p.tap(sara, "✅ Save")
	p.settle()
	if got := p.count("SELECT count(*) FROM owners"); got != 1 {
		t.Errorf("%d owners are registered under attack, want 1", got)
	}
	if last, _ := sara.Last(); !strings.Contains(last.Text, "Registered") {
		t.Errorf("Sara's last message is %q", last.Text)
	}
}

// An attack is a request nobody should send, and the status that answers it.
type attack struct{ name, request, want string }

func attacks(secret string) []attack {
	post := func(body string, headers ...string) string {
		return fmt.Sprintf("POST /telegram HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
			strings.Join(headers, ""), len(body), body)
	}
	known := "X-Telegram-Bot-Api-Secret-Token: " + secret + "\r\n"
	good := `{"update_id":%s,"message":{"message_id":1,"date":1,"chat":{"id":3,"type":"private"},"from":{"id":3},"text":"/help"}}`
	update := func(id string) string { return fmt.Sprintf(good, id) }
	with := func(text string) string { return strings.Replace(update("900001"), "/help", text, 1) }
	big := strings.Repeat("x", 10<<20)
	list := []attack{
		{"no secret", post(update("1")), "401"},
		{"a wrong secret", post(update("1"), "X-Telegram-Bot-Api-Secret-Token: "+secret[1:]+"x\r\n"), "401"},
		{"an empty secret", post(update("1"), "X-Telegram-Bot-Api-Secret-Token: \r\n"), "401"},
		{"a wrong secret, then the right one", post(update("1"), "X-Telegram-Bot-Api-Secret-Token: x\r\n", known), "401"},
		{"the secret in the address", "POST /telegram?secret_token=" + secret + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "401"},
		{"10 MB without the secret", post(big), "401"},
		{"10 MB", post(big, known), "413"},
		{"10 MB of one string", post(with(big), known), "413"},
		{"a header of 1 MB", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + big[:1<<20] + "\r\n\r\n", "431"},
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", "400"},
		{"two lengths", post("", known, "Content-Length: 5\r\n"), "400"},
		{"a bad chunk", "POST /telegram HTTP/1.1\r\nHost: x\r\n" + known + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "400"},
		{"a truncated update", post(update("900000")[:60], known), "400"},
		{"nothing", post("", known), "400"},
		{"two updates", post(update("900000")+update("900000"), known), "400"},
		{"deep nesting", post(strings.Repeat("[", 500_000), known), "400"},
		{"deep nesting inside a message", post(`{"update_id":900000,"message":{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}}`, known), "400"},
		{"an id that is no number", post(update(`"1"`), known), "400"},
		{"an id beyond all numbers", post(update("1e400"), known), "400"},
		{"an id of 2^63", post(update("9223372036854775808"), known), "400"},
		{"gzip", post("\x1f\x8b\x08\x00\x00\x00\x00\x00", known, "Content-Encoding: gzip\r\n"), "400"},
		{"another path", strings.Replace(post(update("1"), known), "/telegram", "/telegram/x", 1), "404"},
		// These have the secret and an id: refused, Telegram would bring them again for ever.
		{"huge numbers inside", post(`{"update_id":900002,"message":{"message_id":1e400}}`, known), "200"},
		{"another shape", post(`{"update_id":900003,"message":[],"callback_query":7}`, known), "200"},
		{"invalid UTF-8", post(with("\xff\xfe\xc3("), known), "200"},
		{"doubled keys", post(`{"update_id":900004,"update_id":900005,"message":{},"message":null}`, known), "200"},
		{"another content type", strings.Replace(post(update("900006"), known), "application/json", "text/html", 1), "200"},
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
		list = append(list, attack{method, strings.Replace(post(update("1"), known), "POST", method, 1), "405"})
	}
	return list
}

// say opens a connection, says something and leaves it open until the test ends.
func (p *program) say(what string) net.Conn {
	p.t.Helper()
	conn, err := net.DialTimeout("tcp", p.address, patience)
	p.must(err)
	p.t.Cleanup(func() { _ = conn.Close() })
	p.must(conn.SetDeadline(time.Now().Add(patience)))
	if len(what) < 4096 {
		_, err = io.WriteString(conn, what)
		p.must(err)
		return conn
	}
	go func() { _, _ = io.WriteString(conn, what) }() // the server may stop reading
	return conn
}

// status says something and returns the status that answers it.
func (p *program) status(what string) string {
	p.t.Helper()
	conn := p.say(what)
	line, err := bufio.NewReader(conn).ReadString('\n')
	_ = conn.Close()
	_, rest, _ := strings.Cut(line, " ")
	if len(rest) < 3 {
		return fmt.Sprintf("%q and %v", line, err)
	}
	return rest[:3]
}

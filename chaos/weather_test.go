package chaos

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// An echo repeats each line that it is told.
type echo struct {
	address string
	heard   atomic.Int64
}

func newEcho(t *testing.T) *echo {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	e := &echo{address: listener.Addr().String()}
	go func() { // ends with the listener
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go e.answer(conn)
		}
	}()
	return e
}

func (e *echo) answer(conn net.Conn) {
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		e.heard.Add(1)
		fmt.Fprintln(conn, lines.Text())
	}
	fmt.Fprintln(conn, "bye")
}

// TestLink holds the proxy to what its weather says.
func TestLink(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		weather weather
		answer  bool
		heard   int64
	}{
		{"fair", weather{}, true, 1},
		{"slow", weather{delay: 20 * time.Millisecond}, true, 1},
		{"down", weather{down: true}, false, 0},
		{"cut on the way there", weather{cutAsk: 1}, false, 0},
		{"cut on the way back", weather{cutAnswer: 1}, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newEcho(t)
			l := newLink(t, 1, to("tcp", e.address))
			l.set(c.weather)
			began := time.Now()
			answer, err := tell(t, l, "hello")
			if got := err == nil && answer == "hello\n"; got != c.answer {
				t.Errorf("answered %q, %v", answer, err)
			}
			if took := time.Since(began); took < 2*c.weather.delay {
				t.Errorf("it took %v", took)
			}
			if got := e.heard.Load(); got != c.heard {
				t.Errorf("the server heard %d lines, want %d", got, c.heard)
			}
		})
	}
}

// TestLinkHeals keeps a connection through a silence, passes over a server that has gone, and ends in order.
func TestLinkHeals(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, gone.Close())
	e := newEcho(t)
	l := newLink(t, 1, to("tcp", gone.Addr().String()), to("tcp", e.address))
	l.set(weather{silent: true})
	conn, err := net.Dial("tcp", l.address())
	must(t, err)
	defer conn.Close()
	_, err = fmt.Fprintln(conn, "hello")
	must(t, err)
	l.set(weather{})
	must(t, conn.(*net.TCPConn).CloseWrite())
	rest, err := io.ReadAll(conn)
	must(t, err)
	if string(rest) != "hello\nbye\n" {
		t.Errorf("heard %q", rest)
	}
}

// tell says a line through a link and returns the answer.
func tell(t *testing.T, l *link, line string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", l.address())
	must(t, err)
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, line); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A socket is the way to a process that listens on a Unix socket, whatever host an address names. Who sends a request reads its
// answer: net/http's own transport has two goroutines for each connection, and waking them takes more of the processors, which
// belong to the bot here, than all else about a request.
type socket struct {
	path string

	mu   sync.Mutex
	idle []*connection
}

// A connection carries one request at a time.
type connection struct {
	net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
	used time.Time // last
}

// idleMost is less than the bot's patience with a connection on which nothing comes.
const idleMost = time.Minute

// RoundTrip sends a request and reads its answer to the end. The end of its context ends it.
func (s *socket) RoundTrip(request *http.Request) (*http.Response, error) {
	conn, err := s.connect(request.Context())
	if err != nil {
		return nil, err
	}
	ended := context.AfterFunc(request.Context(), func() { _ = conn.Close() })
	answer, err := conn.exchange(request)
	if err != nil || !ended() || answer.Close {
		_ = conn.Close()
		return answer, err
	}
	conn.used = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, conn)
	return answer, nil
}

func (s *socket) connect(ctx context.Context) (*connection, error) {
	for conn := s.lastUsed(); conn != nil; conn = s.lastUsed() {
		if time.Since(conn.used) < idleMost {
			return conn, nil
		}
		_ = conn.Close()
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", s.path)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, in: bufio.NewReader(conn), out: bufio.NewWriter(conn)}, nil
}

// lastUsed takes the idle connection that was used last; nil: there is none.
func (s *socket) lastUsed() *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return nil
	}
	conn := s.idle[last]
	s.idle = s.idle[:last]
	return conn
}

func (c *connection) exchange(request *http.Request) (*http.Response, error) {
	if err := request.Write(c.out); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	if err := c.out.Flush(); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	answer, err := http.ReadResponse(c.in, request)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

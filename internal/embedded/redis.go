package embedded

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// RedisServer is an in-process Redis on a loopback port, behind a password of its own. Its contents end
// with it, whatever Config.Dir says: what lives in Redis is caches, counters and leases, nothing that
// PostgreSQL could not give again.
type RedisServer struct {
	password string

	mu     sync.Mutex // guards what follows
	addr   string
	server *miniredis.Miniredis // nil when stopped
	halt   func()               // ends the clock and waits for it
}

// Redis starts a server. Its keys expire in real time, to within Granularity for up to some
// thousand keys, and coarser beyond.
func Redis(_ context.Context, _ Config) (*RedisServer, error) {
	r := &RedisServer{password: rand.Text(), addr: "127.0.0.1:0"}
	return r, r.Start()
}

// URL is what go-redis connects with; it stays the same when the server is stopped and started again.
func (r *RedisServer) URL() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := url.URL{Scheme: "redis", User: url.UserPassword("default", r.password), Host: r.addr, Path: "/0"}
	return u.String()
}

// Start starts the server again after Stop: at the same address and empty, as a Redis without a disk would be.
func (r *RedisServer) Start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server != nil {
		return nil
	}
	server := miniredis.NewMiniRedis()
	server.RequireAuth(r.password)
	if err := server.StartAddr(r.addr); err != nil {
		return fmt.Errorf("embedded Redis: %w", err)
	}
	r.server, r.addr = server, server.Addr()
	r.halt = keepTime(server)
	return nil
}

// Stop ends the server. Stopping twice does no harm.
func (r *RedisServer) Stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server == nil {
		return nil
	}
	r.halt()
	r.server.Close()
	r.server = nil
	return nil
}

// Granularity is how far off the moment may be at which a key expires.
const Granularity = 10 * time.Millisecond

// keepTime lets keys expire as time passes, which miniredis leaves to its user. Each pass walks (and sorts)
// all keys, so the pauses grow with the keys and the clock never takes more than about a fiftieth of a
// processor; miniredis's own ClockTTL would walk them on every command.
func keepTime(server *miniredis.Miniredis) (halt func()) {
	const share = 50
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		next := time.NewTimer(Granularity)
		defer next.Stop()
		for last := time.Now(); ; {
			select {
			case <-ctx.Done():
				return
			case <-next.C:
			}
			now := time.Now()
			server.FastForward(now.Sub(last))
			last = now
			next.Reset(max(Granularity, share*time.Since(now)))
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

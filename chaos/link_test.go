package chaos

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// A weather is what a link does to what passes through it.
type weather struct {
	down      bool          // connections are cut, new ones too, before anything has passed
	silent    bool          // nothing passes, and nobody is told
	delay     time.Duration // of every piece, each way
	cutAsk    float64       // the chance that a piece is lost on its way to the server, with the connection
	cutAnswer float64       // the same on the way back: the server has done what it was asked to
}

// A link is a TCP proxy of the test's own between two of those who talk to each other. With more than one
// way out, it tries them in turn: then it is a balancer.
type link struct {
	listener net.Listener
	ended    sync.WaitGroup

	mu      sync.Mutex // guards everything below
	random  *rand.Rand
	ways    []func() (net.Conn, error)
	weather weather
	changed chan struct{} // closed when the weather has changed
	pairs   map[*pair]bool
	cuts    int
	closed  bool
}

// A pair is one connection on its way through.
type pair struct {
	client, server net.Conn
	over           chan struct{} // closed with the connection
	once           sync.Once
}

// end closes both sides; hard resets them, as when a cable is pulled.
func (p *pair) end(hard bool) {
	p.once.Do(func() {
		close(p.over)
		for _, conn := range []net.Conn{p.client, p.server} {
			if tcp, ok := conn.(*net.TCPConn); ok && hard {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
		}
	})
}

func newLink(t testing.TB, seed uint64, ways ...func() (net.Conn, error)) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := &link{
		listener: listener, random: rand.New(rand.NewPCG(seed, 0x11)), ways: ways,
		changed: make(chan struct{}), pairs: map[*pair]bool{},
	}
	l.ended.Go(l.accept)
	t.Cleanup(l.close)
	return l
}

// to dials an address: a way out of a link.
func to(network, address string) func() (net.Conn, error) {
	return func() (net.Conn, error) { return net.DialTimeout(network, address, 5*time.Second) }
}

func (l *link) address() string { return l.listener.Addr().String() }

// leadTo changes where the link leads.
func (l *link) leadTo(ways ...func() (net.Conn, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ways = ways
}

// set changes the weather, and says how many connections were cut by chance until now.
func (l *link) set(w weather) (cuts int) {
	l.mu.Lock()
	l.weather = w
	close(l.changed)
	l.changed = make(chan struct{})
	cuts = l.cuts
	var doomed []*pair
	if w.down {
		for p := range l.pairs {
			doomed = append(doomed, p)
		}
	}
	l.mu.Unlock()
	for _, p := range doomed {
		p.end(true)
	}
	return cuts
}

// cut is how many connections were cut by chance until now.
func (l *link) cut() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cuts
}

func (l *link) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	_ = l.listener.Close()
	l.set(weather{down: true})
	l.ended.Wait()
}

func (l *link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.ended.Go(func() { l.carry(client) })
	}
}

// carry connects a client and passes on what both say until one of them ends.
func (l *link) carry(client net.Conn) {
	server, err := l.connect()
	if err != nil {
		_ = client.Close()
		return
	}
	p := &pair{client: client, server: server, over: make(chan struct{})}
	if !l.join(p) {
		p.end(true)
		return
	}
	defer l.leave(p)
	var both sync.WaitGroup
	both.Go(func() { l.pump(p, server, client, func(w weather) float64 { return w.cutAsk }) })
	both.Go(func() { l.pump(p, client, server, func(w weather) float64 { return w.cutAnswer }) })
	both.Wait()
	p.end(false)
}

var errDown = errors.New("the link is down")

// connect takes the ways out in turn; one that leads nowhere is passed over.
func (l *link) connect() (net.Conn, error) {
	l.mu.Lock()
	ways := l.ways
	if len(ways) > 1 {
		l.ways = append(ways[1:len(ways):len(ways)], ways[0])
	}
	down := l.weather.down
	l.mu.Unlock()
	if down {
		return nil, errDown
	}
	err := errors.New("the link leads nowhere")
	for _, way := range ways {
		var server net.Conn
		if server, err = way(); err == nil {
			return server, nil
		}
	}
	return nil, err
}

func (l *link) join(p *pair) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.weather.down || l.closed {
		return false
	}
	l.pairs[p] = true
	return true
}

func (l *link) leave(p *pair) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pairs, p)
}

// pump passes on what comes from one side, as the weather allows, and that nothing more will come.
func (l *link) pump(p *pair, to, from net.Conn, chance func(weather) float64) {
	for piece := make([]byte, 32<<10); ; {
		n, err := from.Read(piece)
		if n > 0 {
			if !l.sitOut(p) || l.strikes(chance) {
				p.end(true)
				return
			}
			if _, err := to.Write(piece[:n]); err != nil {
				p.end(true)
				return
			}
		}
		if errors.Is(err, io.EOF) {
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // it may be gone already
			}
			return
		}
		if err != nil {
			p.end(true)
			return
		}
	}
}

// strikes throws the dice for a piece.
func (l *link) strikes(chance func(weather) float64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.random.Float64() >= chance(l.weather) {
		return false
	}
	l.cuts++
	return true
}

// sitOut waits as long as the weather says; false when the connection was cut meanwhile.
func (l *link) sitOut(p *pair) bool {
	for {
		l.mu.Lock()
		now, changed := l.weather, l.changed
		l.mu.Unlock()
		var over <-chan time.Time
		switch {
		case now.silent:
		case now.delay > 0:
			over = time.After(now.delay)
		default:
			return true
		}
		select {
		case <-over:
			return true
		case <-changed:
		case <-p.over:
			return false
		}
	}
}

// Package simulator stands in for Telegram: a Bot API server as strict as the real one, and the people who
// chat with the bot. Tests reach it in process, everything else over HTTP. It knows neither the bot nor its
// domain; what it does not simulate it refuses aloud (see Simulator.Unsimulated), it never pretends.
package simulator

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vetalyze/internal/clock"
)

// DefaultToken is the token a Simulator takes when its Config names none.
const DefaultToken = "7000000001:AAE-simulator-token-of-no-real-bot00"

// Config says which bot is simulated and how strictly. The zero Config is a whole, strict one.
type Config struct {
	Token       string // its number is the bot's id
	BotName     string
	BotUsername string
	Clock       *clock.Clock // dates of messages, expiry of updates and of callback queries; nil: the system's
	Limits      Limits
	Webhook     WebhookConfig
	Seed        uint64 // of everything that is random at Telegram: the first update_id, file ids

	// Keep is how many calls and how many events are kept at least, for Calls and Events to tell. 0: 10,000 and 4,096. What is
	// kept of a page of text and buttons takes some 10 kB.
	Keep int

	// Watch is given every event at once, by whoever caused it and while nothing else can change: it must be quick and
	// may not call the simulator. Nil: nobody watches, and Events is the way to read them.
	Watch func(Event)

	// Now and After measure elapsed time for rates, long polls and retries: a frozen Clock would never let
	// them pass. Nil: the system's.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// A Simulator is one bot's Bot API server together with everybody who talks to that bot.
// It is safe for concurrent use.
type Simulator struct {
	cfg     Config
	botID   int64
	spec    map[string]specMethod
	methods map[string]method
	done    chan struct{} // closed by Close
	hooks   sync.WaitGroup

	mu          sync.Mutex    // guards everything below
	changed     chan struct{} // nil: nobody waits
	closed      bool
	loggedOut   bool
	random      *rand.Rand
	people      map[int64]*chat
	order       []int64
	queue       updateQueue
	hook        *webhook
	hookNext    time.Time
	callbacks   map[string]*callback
	files       map[string]*file
	paths       map[string]*file
	commands    map[commandKey][]Command
	menus       map[int64]MenuButton
	profile     map[profileKey]string
	rates       rates
	faults      []*fault
	faulty      atomic.Bool // whether there are any
	calls       []Call
	called      int // how many there have been
	unsimulated map[string]int
	feed        feed
}

// New returns a simulator of the bot that cfg describes. It listens nowhere: use Handler or Client.
func New(cfg Config) *Simulator {
	cfg.Token = cmp.Or(cfg.Token, DefaultToken)
	cfg.BotName = cmp.Or(cfg.BotName, "Simulated bot")
	cfg.BotUsername = cmp.Or(strings.TrimPrefix(cfg.BotUsername, "@"), "simulated_bot")
	cfg.Seed = cmp.Or(cfg.Seed, 1)
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	cfg.Limits = cfg.Limits.orDefault()
	number, _, _ := strings.Cut(cfg.Token, ":")
	botID, _ := strconv.ParseInt(number, 10, 64)
	random := rand.New(rand.NewPCG(cfg.Seed, 0x7e1e6a))
	s := &Simulator{
		cfg:         cfg,
		botID:       botID,
		spec:        loadSpec(),
		methods:     methodTable(),
		done:        make(chan struct{}),
		random:      random,
		people:      map[int64]*chat{},
		callbacks:   map[string]*callback{},
		files:       map[string]*file{},
		paths:       map[string]*file{},
		commands:    map[commandKey][]Command{},
		menus:       map[int64]MenuButton{},
		profile:     map[profileKey]string{},
		unsimulated: map[string]int{},
	}
	s.queue.next = 100_000_000 + random.IntN(800_000_000)
	s.rates = newRates(cfg.Limits)
	return s
}

// Close ends long polls and webhook delivery and waits until they have ended.
func (s *Simulator) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
		if s.hook != nil {
			s.hook.stop()
		}
		s.broadcast()
	}
	s.mu.Unlock()
	s.hooks.Wait()
}

// Token returns the bot's token.
func (s *Simulator) Token() string { return s.cfg.Token }

// BotUsername returns the bot's username without the @.
func (s *Simulator) BotUsername() string { return s.cfg.BotUsername }

// Clock returns the clock that dates everything here.
func (s *Simulator) Clock() *clock.Clock { return s.cfg.Clock }

// Wake makes those who wait look again. Call it after the Clock was moved: updates may have expired.
func (s *Simulator) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.expire(s.now())
	s.forgetCallbacks()
	s.broadcast()
}

// Unsimulated counts what was asked for that Telegram has and the simulator has not, by method or feature.
func (s *Simulator) Unsimulated() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.unsimulated))
	for what, n := range s.unsimulated {
		counts[what] = n
	}
	return counts
}

// change returns what is closed as soon as something changes. mu is held.
func (s *Simulator) change() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// broadcast wakes everybody who waits for a change. mu is held.
func (s *Simulator) broadcast() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// now is the simulated time in whole seconds, as all of Telegram's dates are.
func (s *Simulator) now() time.Time { return s.cfg.Clock.Now().Truncate(time.Second) }

// Handler serves the Bot API under /bot<token>/METHOD and files under /file/bot<token>/PATH.
func (s *Simulator) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
			s.serveFile(w, r, path)
			return
		}
		path, ok := strings.CutPrefix(r.URL.Path, "/bot")
		if !ok {
			writeError(w, &apiError{code: 404, text: "Not Found"})
			return
		}
		token, method, ok := strings.Cut(path, "/")
		if !ok {
			writeError(w, &apiError{code: 404, text: "Not Found"})
			return
		}
		if err := s.authorize(token); err != nil {
			writeError(w, err)
			return
		}
		s.serveMethod(w, r, strings.TrimPrefix(method, "test/"))
	})
}

// authorize checks the token as the Bot API server does before it looks at anything else.
func (s *Simulator) authorize(token string) *apiError {
	number, _, colon := strings.Cut(token, ":")
	if token == "" || token[0] == '0' || len(token) > 80 || !colon {
		return &apiError{code: 401, text: "Unauthorized: invalid token specified"}
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return &apiError{code: 421, text: "Misdirected Request: unallowed token specified"}
	}
	if id <= 0 || id >= 1<<54 {
		return &apiError{code: 401, text: "Unauthorized: invalid token specified"}
	}
	if token != s.cfg.Token {
		return &apiError{code: 401, text: "Unauthorized"}
	}
	return nil
}

// serveMethod answers one call: its arguments, the faults asked for, the method, the log.
func (s *Simulator) serveMethod(w http.ResponseWriter, r *http.Request, method string) {
	q, err := readQuery(w, r, method)
	if err != nil {
		writeError(w, err)
		return
	}
	started := s.cfg.Clock.Now()
	flaw := s.faultFor(q)
	if flaw != nil && s.failBefore(r.Context(), w, q, flaw) {
		return
	}
	result, err := s.perform(r.Context(), q, started)
	if flaw != nil {
		s.failAfter(r.Context(), flaw)
	}
	if err != nil {
		if err == errHungUp {
			panic(http.ErrAbortHandler)
		}
		writeError(w, err)
		return
	}
	writeResult(w, result, q.note)
}

// perform runs one method, under mu unless it waits, and puts it into the log.
func (s *Simulator) perform(ctx context.Context, q *query, started time.Time) (any, *apiError) {
	if q.method == "getupdates" {
		batch, err := s.getUpdates(ctx, q)
		s.record(q, started, err)
		return batch, err
	}
	q.lookAhead()
	s.mu.Lock()
	defer s.mu.Unlock()
	result, err := s.run(q)
	s.log(q, started, err)
	return result, err
}

// run runs a method that does not wait. mu is held.
func (s *Simulator) run(q *query) (any, *apiError) {
	if s.loggedOut && q.method != "logout" {
		return nil, &apiError{code: 400, text: "Logged out"}
	}
	m, ok := s.methods[q.method]
	if !ok {
		return nil, s.notSimulated(q.method)
	}
	result, err := m(s, q)
	if err != nil && err.missing != "" {
		return nil, s.unable(err.missing)
	}
	return result, err
}

// notSimulated refuses a method: unknown to Telegram, or known and beyond the simulator. mu is held.
func (s *Simulator) notSimulated(method string) *apiError {
	known, ok := s.spec[method]
	if !ok {
		return &apiError{code: 404, text: "Not Found: method not found"}
	}
	return s.unable("method " + known.Name)
}

// unable counts what the simulator cannot do and says so. mu is held.
func (s *Simulator) unable(what string) *apiError {
	s.unsimulated[what]++
	return &apiError{code: http.StatusNotImplemented, text: "Not Implemented: the simulator has no " + what}
}

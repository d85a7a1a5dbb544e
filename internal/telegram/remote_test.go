package telegram

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// gate is a redis.Hook that notes how many scripts went out together, and holds up the first of all until it is opened.
type gate struct {
	open chan struct{}

	mu   sync.Mutex
	sent []int
}

func (g *gate) pass(commands ...redis.Cmder) {
	scripts := 0
	for _, c := range commands { // a new connection introduces itself, too
		if strings.HasPrefix(c.Name(), "eval") {
			scripts++
		}
	}
	if scripts == 0 {
		return
	}
	g.mu.Lock()
	g.sent = append(g.sent, scripts)
	first := len(g.sent) == 1
	g.mu.Unlock()
	if first {
		<-g.open
	}
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		g.pass(command)
		return next(ctx, command)
	}
}

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		g.pass(commands...)
		return next(ctx, commands)
	}
}

var (
	firstScript = redis.NewScript(`return tonumber(ARGV[1])`)
	otherScript = redis.NewScript(`return ARGV[1] + 0`)
)

// askers asks for a number each, 0, 1 and so on, and returns when all but the first have a place in line behind it. The
// answers are awaited by the function it returns.
func askers(t *testing.T, r *remote, contexts []context.Context) (answers func() (sum int64, unanswered int)) {
	t.Helper()
	type result struct {
		number int64
		asked  bool
	}
	results := make(chan result, len(contexts))
	for n, ctx := range contexts {
		script := otherScript
		if n == 0 {
			script = firstScript
		}
		go func() {
			number, asked := ask(ctx, r, (*redis.Cmd).Int64, script, []string{r.key("number", int64(n))}, n)
			results <- result{number, asked}
		}()
		waitUntil(t, &r.mu, func() bool { return r.asking && len(r.next) == n })
	}
	return func() (sum int64, unanswered int) {
		for range contexts {
			got := <-results
			sum += got.number
			if !got.asked {
				unanswered++
			}
		}
		return sum, unanswered
	}
}

// waitUntil looks again and again, holding mu.
func waitUntil(t *testing.T, mu *sync.Mutex, reached func() bool) {
	t.Helper()
	for {
		mu.Lock()
		done := reached()
		mu.Unlock()
		if done {
			return
		}
		if err := sleep(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// Who asks while Redis is being asked goes next, with all others who do; whoever has left by then is not asked for.
func TestQuestionsShareARoundTrip(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, client redis.UniversalClient) {
		g := &gate{}
		client.AddHook(g)
		r := newTestRemote(client)
		for _, want := range [][]int{
			{1, 1, 3, 1, 1, 1}, // scripts that Redis does not know are sent again, whole
			{1, 3},
		} {
			g.open, g.sent = make(chan struct{}), nil
			left, leave := context.WithCancel(t.Context())
			answers := askers(t, r, []context.Context{t.Context(), t.Context(), t.Context(), left, t.Context()})
			leave()
			close(g.open)
			if sum, unanswered := answers(); sum != 0+1+2+4 || unanswered != 1 {
				t.Errorf("answers add up to %d, %d without one; want 7 and 1", sum, unanswered)
			}
			waitUntil(t, &r.mu, func() bool { return !r.asking })
			if !slices.Equal(g.sent, want) {
				t.Errorf("sent together: %v, want %v", g.sent, want)
			}
		}
	})
}

// When Redis does not answer the first, those in line are told so at once: they do not wait for it in their turn.
func TestQuestionsBehindOneWithoutAnswer(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := redisAt(t, server.Addr())
	g := &gate{open: make(chan struct{})}
	client.AddHook(g)
	r := newTestRemote(client)
	answers := askers(t, r, []context.Context{t.Context(), t.Context(), t.Context()})
	server.Close()
	close(g.open)
	if sum, unanswered := answers(); sum != 0 || unanswered != 3 {
		t.Errorf("answers add up to %d, %d without one; want none and 3", sum, unanswered)
	}
	if want := []int{1}; !slices.Equal(g.sent, want) {
		t.Errorf("sent together: %v, want %v", g.sent, want)
	}
}

// Whether a Redis that was away is back is found out by one; nobody else waits for that, should it hang.
func TestNobodyWaitsForTheOneWhoLooksForRedis(t *testing.T) {
	t.Parallel()
	client := redisAt(t, miniredis.RunT(t).Addr())
	g := &gate{open: make(chan struct{})}
	client.AddHook(g)
	r := newTestRemote(client)
	r.away = time.Now() // so that it is time to look again
	answers := askers(t, r, []context.Context{t.Context()})
	ctx, cancel := context.WithTimeout(t.Context(), patientRemote)
	defer cancel()
	if _, asked := ask(ctx, r, (*redis.Cmd).Int64, otherScript, []string{r.key("number", 1)}, 1); asked || ctx.Err() != nil {
		t.Errorf("answered: %t; waited: %v", asked, ctx.Err())
	}
	close(g.open)
	if _, unanswered := answers(); unanswered != 0 {
		t.Error("the one who looks has no answer")
	}
	if number, asked := ask(t.Context(), r, (*redis.Cmd).Int64, otherScript, []string{r.key("number", 2)}, 2); !asked || number != 2 {
		t.Errorf("Redis is back, and answers %d, %t", number, asked)
	}
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vetalyze/internal/embedded"
	"vetalyze/internal/simulator"
)

// TestRollingUpgrade replaces two instances behind a webhook, one after the other, again and again,
// as an upgrade does: the new one comes up beside the old one, the old one is told to stop. Meanwhile
// a receptionist and the clinic's owner register owners. Nothing is lost, nothing is there twice, and
// nobody is told of it.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	people := []*simulator.Person{f.receptionist(), f.sim.AddPerson(simulator.Person{ID: 2, FirstName: "Mona", LanguageCode: "en"})}
	const rounds = 4
	for round := range rounds {
		f.whileReplacing(0, func() {
			for i, person := range people {
				person.Send(fmt.Sprintf("/register Owner %d-%d, 0100 200 30%d%d; Rex dog 2y", i, round, i, round))
			}
		})
		f.whileReplacing(1, func() {
			for _, person := range people {
				f.tap(person, "✅ Save")
			}
		})
	}
	const want = rounds * 2
	owners, phones := f.count("SELECT count(*) FROM owners"), f.count("SELECT count(DISTINCT phone) FROM owners")
	if owners != want || phones != want {
		t.Errorf("%d owners with %d phones, want %d", owners, phones, want)
	}
	for _, person := range people {
		f.sawOnly(person, "Registered.", rounds)
	}
}

// sawOnly says how often the bot's messages were as they should be, and that there were no others.
func (f *fleet) sawOnly(person *simulator.Person, words string, times int) {
	f.t.Helper()
	answers := 0
	for _, message := range person.Chat() {
		if !message.FromBot {
			continue
		}
		answers++
		if !strings.Contains(message.Text, words) {
			f.t.Errorf("%s was told:\n%s", person.FirstName, message.Text)
		}
	}
	if answers != times {
		f.t.Errorf("%s has %d answers, want %d", person.FirstName, answers, times)
	}
}

// A fleet is two instances of the program behind a balancer, with a Redis between them.
type fleet struct {
	*program
	balancer  *balancer
	instances [2]*program
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	redis, err := embedded.Redis(t.Context(), embedded.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Stop() })
	f := &fleet{program: newProgram(t, true), balancer: &balancer{}}
	front := httptest.NewServer(f.balancer)
	t.Cleanup(front.Close)
	f.env = append(f.env, "REDIS_URL="+redis.URL(), "PUBLIC_URL="+front.URL)
	for i := range f.instances {
		f.instances[i] = f.instance()
	}
	return f
}

// instance starts one more and lets the balancer know when it is ready.
func (f *fleet) instance() *program {
	address := freeAddress(f.t)
	one := *f.program
	one.command, one.address = nil, address
	one.env = append(slices.Clone(f.env), "LISTEN="+address)
	one.start()
	f.t.Cleanup(one.kill)
	one.awaitReady()
	f.balancer.add(address)
	return &one
}

// whileReplacing has people do something while an instance is replaced, and waits for both to end.
func (f *fleet) whileReplacing(i int, do func()) {
	f.t.Helper()
	replaced := make(chan struct{})
	go func() {
		defer close(replaced)
		f.replace(i)
	}()
	do()
	f.settle()
	<-replaced
}

// replace starts a new instance in the place of another one, which is then told to stop. It goes on
// taking requests until it does: a balancer learns of it by being refused.
func (f *fleet) replace(i int) {
	old := f.instances[i]
	f.instances[i] = f.instance()
	started := time.Now()
	if err := old.end(); err != nil {
		f.t.Errorf("the instance ended with %v", err)
	}
	if took := time.Since(started); took > 10*time.Second {
		f.t.Errorf("the instance took %v to stop", took)
	}
}

// A balancer brings requests to its backends in turn. One that refuses the connection is passed over
// and left out from then on; a request that was sent is not sent again.
type balancer struct {
	mu       sync.Mutex // guards backends
	backends []string
}

func (b *balancer) add(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends = append(b.backends, address)
}

func (b *balancer) turn() (address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.backends) == 0 {
		return ""
	}
	address = b.backends[0]
	b.backends = append(b.backends[1:], address)
	return address
}

func (b *balancer) drop(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends = slices.DeleteFunc(b.backends, func(other string) bool { return other == address })
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	for address := b.turn(); address != ""; address = b.turn() {
		request, _ := http.NewRequestWithContext(r.Context(), r.Method, "http://"+address+r.URL.Path, bytes.NewReader(body))
		request.Header = r.Header.Clone()
		request.Close = true // an idle connection may be closed under a request, and then it is not known whether it was read
		answer, err := http.DefaultTransport.RoundTrip(request)
		if errors.Is(err, syscall.ECONNREFUSED) {
			b.drop(address)
			continue
		}
		if err != nil {
			break
		}
		defer answer.Body.Close()
		w.Header().Set("Retry-After", answer.Header.Get("Retry-After"))
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body) // the caller may have gone
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

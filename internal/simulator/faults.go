package simulator

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// Fault asks for failures: of the next Times calls of Method about Chat. It is not counted against the rates.
type Fault struct {
	Method string // "" : any but getUpdates
	Chat   int64  // 0: any
	Kind   FaultKind
	Times  int // 0 counts as 1; negative: until the fault is lifted
}

// FaultKind is what goes wrong: one of the types below.
type FaultKind interface{ fault() }

// TooMany answers 429.
type TooMany struct{ RetryAfter int }

// ServerError answers 5xx with an HTML body, as a proxy in between does. Status 0 is 502.
type ServerError struct{ Status int }

// Refuse answers with an error of the Bot API: Refuse{403, "Forbidden: user is deactivated"}.
type Refuse struct {
	Code        int
	Description string
}

// Timeout performs nothing and answers nothing until the caller gives up.
type Timeout struct{}

// TimeoutAfter performs the call and answers nothing until the caller gives up.
type TimeoutAfter struct{}

// Drop breaks the connection before anything is performed.
type Drop struct{}

// DropAfter performs the call and breaks the connection: the answer is lost.
type DropAfter struct{}

// Hold waits until the channel is closed and then goes on as if nothing had been.
type Hold struct{ Until <-chan struct{} }

func (TooMany) fault()      {}
func (ServerError) fault()  {}
func (Refuse) fault()       {}
func (Timeout) fault()      {}
func (TimeoutAfter) fault() {}
func (Drop) fault()         {}
func (DropAfter) fault()    {}
func (Hold) fault()         {}

type fault struct {
	Fault
	left int
}

// Fail arranges a fault and returns what lifts it. Of several that fit a call the first arranged strikes.
func (s *Simulator) Fail(f Fault) (lift func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	arranged := &fault{Fault: f, left: f.Times}
	s.arrange(append(s.faults, arranged))
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.arrange(slices.DeleteFunc(s.faults, func(other *fault) bool { return other == arranged }))
	}
}

// arrange changes the faults that are arranged. mu is held.
func (s *Simulator) arrange(faults []*fault) {
	s.faults = faults
	s.faulty.Store(len(faults) > 0)
}

// Faults is the number of arranged failures that have not happened yet; faults without an end count as one.
func (s *Simulator) Faults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.faults {
		n += max(f.left, 1)
	}
	return n
}

// faultFor finds out which chat the call is about and takes the fault that strikes it, nil if none does.
func (s *Simulator) faultFor(q *query) *fault {
	if !s.faulty.Load() && q.args["callback_query_id"] == "" { // as nearly always: nobody has to wait
		q.chat = leadingInt(q.args["chat_id"])
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.chat = s.chatID(q)
	for i, f := range s.faults {
		if f.Method != "" && !strings.EqualFold(f.Method, q.method) || f.Method == "" && q.method == "getupdates" ||
			f.Chat != 0 && f.Chat != q.chat {
			continue
		}
		struck := &fault{Fault: f.Fault}
		s.broadcast()
		if f.left--; f.left == 0 {
			s.arrange(slices.Delete(s.faults, i, i+1))
		}
		return struck
	}
	return nil
}

// failBefore does what goes wrong before the call is performed; true means that it is not performed.
func (s *Simulator) failBefore(ctx context.Context, w http.ResponseWriter, q *query, f *fault) bool {
	var err *apiError
	switch kind := f.Kind.(type) {
	case TooMany:
		err = tooMany(kind.RetryAfter)
	case Refuse:
		err = &apiError{code: kind.Code, text: kind.Description}
	case ServerError:
		s.failHTML(w, q, kind.Status)
		return true
	case Drop:
		s.record(q, s.cfg.Clock.Now(), &apiError{code: 0, text: "connection dropped"})
		panic(http.ErrAbortHandler)
	case Timeout:
		s.record(q, s.cfg.Clock.Now(), &apiError{code: 0, text: "no answer"})
		s.hang(ctx)
	case Hold:
		select {
		case <-kind.Until:
		case <-ctx.Done():
			panic(http.ErrAbortHandler)
		case <-s.done:
		}
		return false
	default:
		return false
	}
	s.record(q, s.cfg.Clock.Now(), err)
	writeError(w, err)
	return true
}

func (s *Simulator) failHTML(w http.ResponseWriter, q *query, status int) {
	if status == 0 {
		status = http.StatusBadGateway
	}
	text := http.StatusText(status)
	s.record(q, s.cfg.Clock.Now(), &apiError{code: status, text: text})
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text +
		"</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"))
}

// failAfter loses the answer of a call that was performed.
func (s *Simulator) failAfter(ctx context.Context, f *fault) {
	switch f.Kind.(type) {
	case DropAfter:
		panic(http.ErrAbortHandler)
	case TimeoutAfter:
		s.hang(ctx)
	}
}

// hang waits until the caller gives up, and breaks the connection.
func (s *Simulator) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.done:
	}
	panic(http.ErrAbortHandler)
}

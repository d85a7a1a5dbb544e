package telegram

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A pulse is what the last call said about the Bot API.
type pulse struct {
	mu  sync.Mutex
	at  time.Time // of the last call's end
	err error     // nil: it answered
}

// How long the last call tells how things are now. Polling makes one in every 50 s; a bot whose updates come by webhook
// may have nothing to say for hours.
const (
	pulseFresh = time.Minute
	pulseRetry = 5 * time.Second // after one that went unanswered
)

var errUnauthorized = errors.New("the bot's token is not valid")

// note takes what came of a call; a refusal is an answer, but for that of the token.
func (p *pulse) note(outcome Outcome, err error) {
	switch {
	case outcome == Unauthorized:
		err = errUnauthorized
	case outcome != Transient:
		err = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.err = time.Now(), err
}

// last returns what is known, and whether it is still to be believed.
func (p *pulse) last() (err error, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	believed := pulseFresh
	if p.err != nil {
		believed = pulseRetry
	}
	return p.err, time.Since(p.at) < believed
}

// Answers returns nil while the Bot API answers and knows the bot. It goes by the bot's own calls, and asks only when the
// last one was a minute ago, or failed 5 s ago; so it may be called often.
func (c *Client) Answers(ctx context.Context) error {
	if err, fresh := c.caller.pulse.last(); fresh {
		return err
	}
	_, err := c.caller.attempt(ctx, &call{method: "getMe", url: c.base + "getMe", timeout: callTimeout})
	if err != nil {
		return err
	}
	err, _ = c.caller.pulse.last()
	return err
}

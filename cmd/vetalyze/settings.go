package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"vetalyze/internal/clock"
	"vetalyze/internal/embedded"
	"vetalyze/internal/reminder"
	"vetalyze/internal/telegram"
	"vetalyze/internal/trail"
)

// telegramAPI is how the bot reaches Telegram.
type telegramAPI struct {
	Token  string `env:"TELEGRAM_TOKEN" required:"" placeholder:"TOKEN" help:"The bot's token, from BotFather."`
	APIURL string `env:"TELEGRAM_API_URL" name:"api-url" default:"https://api.telegram.org" placeholder:"URL" help:"The Bot API server (${default})."`
}

// Validate says which setting is wrong and why.
func (a telegramAPI) Validate() error {
	err := checkURL("TELEGRAM_API_URL", a.APIURL, "https", "http")
	if shape := telegram.CheckToken(a.Token); shape != nil {
		err = errors.Join(fmt.Errorf("TELEGRAM_TOKEN: %w", shape), err)
	}
	return err
}

// limits are how fast the bot may speak.
type limits struct {
	PerSecond     float64 `env:"MESSAGES_PER_SECOND" name:"messages-per-second" default:"30" placeholder:"N" help:"Messages a second to all chats together (${default}, Telegram's limit). More only where it is lifted: for a measurement, or by your own agreement with Telegram."`
	ChatPerSecond float64 `env:"CHAT_MESSAGES_PER_SECOND" name:"chat-messages-per-second" default:"1" placeholder:"N" help:"Messages a second to one chat, after a few at once (${default}, Telegram's limit)."`
}

// Validate says which setting is wrong and why.
func (l limits) Validate() error {
	if l.PerSecond <= 0 || l.ChatPerSecond <= 0 {
		return errors.New("MESSAGES_PER_SECOND, CHAT_MESSAGES_PER_SECOND: must be more than 0")
	}
	return nil
}

func (l limits) limits() telegram.Limits {
	return telegram.Limits{
		PerSecond: l.PerSecond, ChatEvery: time.Duration(float64(time.Second) / l.ChatPerSecond),
	}
}

// storage is where everything is kept.
type storage struct {
	DatabaseURL string `env:"DATABASE_URL" placeholder:"URL" help:"PostgreSQL 14 or later. Empty: an embedded one, kept in DATA_DIR."`
	DataDir     string `env:"DATA_DIR" default:"data" type:"path" help:"Where the embedded PostgreSQL keeps its files (${default})."`
}

// Validate says which setting is wrong and why.
func (s storage) Validate() error {
	return checkURL("DATABASE_URL", s.DatabaseURL, "postgres", "postgresql")
}

// database returns the address of the database, and what stops it if it was
// started for this. The embedded one of a bot that runs already is shared.
func (s storage) database(ctx context.Context, logger *slog.Logger) (address string, stop func() error, err error) {
	if s.DatabaseURL != "" {
		return s.DatabaseURL, func() error { return nil }, nil
	}
	if running, ok, err := embedded.Running(ctx, s.embeddedDir()); err != nil || ok {
		return running, func() error { return nil }, err
	}
	server, err := embedded.PostgreSQL(ctx, embedded.Config{Dir: s.embeddedDir(), Logger: logger})
	if err != nil {
		return "", nil, err
	}
	return server.URL(), server.Stop, nil
}

func (s storage) embeddedDir() string { return filepath.Join(s.DataDir, "postgresql") }

// cache is the Redis that instances share.
type cache struct {
	RedisURL string `env:"REDIS_URL" placeholder:"URL" help:"Redis 6 or later, shared by all instances. Empty: one inside this process."`
}

// Validate says which setting is wrong and why.
func (c cache) Validate() error { return checkURL("REDIS_URL", c.RedisURL, "redis", "rediss", "unix") }

// reminding is when people are reminded.
type reminding struct {
	Days       string        `env:"REMINDER_DAYS" name:"reminder-days" default:"30:180,14:180,7:14,3,1,0,+1,+3:14,+7:14" placeholder:"DAYS" help:"When clinic owners are reminded: days before the end, 0, and days after it (+1), each with the least days of a plan it is for (${default})."`
	QuietHours string        `env:"QUIET_HOURS" name:"quiet-hours" default:"21-9" placeholder:"FROM-UNTIL" help:"Hours in which nothing is sent by itself, in the receiver's zone (${default})."`
	DigestHour int           `env:"DIGEST_HOUR" name:"digest-hour" default:"10" placeholder:"HOUR" help:"The hour of the morning's digest for admins who have chosen no other (${default})."`
	Lease      time.Duration `env:"REMINDER_LEASE" name:"reminder-lease" default:"2m" placeholder:"DURATION" help:"How long an instance may take over a notification before another one sends it (${default})."`
}

// leastLease keeps a slip out. What takes longer than its lease is sent twice: Telegram may well take half a minute.
const leastLease = time.Second

// Validate says which setting is wrong and why.
func (r reminding) Validate() error {
	var errs []error
	if _, err := reminder.ParseSteps(r.Days); err != nil {
		errs = append(errs, fmt.Errorf("REMINDER_DAYS: %w", err))
	}
	quiet, err := reminder.ParseQuiet(r.QuietHours)
	if err != nil {
		errs = append(errs, fmt.Errorf("QUIET_HOURS: %w", err))
	} else if r.DigestHour < 1 || r.DigestHour > 23 || quiet.Covers(r.DigestHour) {
		errs = append(errs, fmt.Errorf("DIGEST_HOUR: %d is not an hour outside the quiet ones", r.DigestHour))
	}
	if r.Lease < leastLease {
		errs = append(errs, fmt.Errorf("REMINDER_LEASE: %v is less than %v", r.Lease, leastLease))
	}
	return errors.Join(errs...)
}

// config is what was set; Validate has seen it.
func (r reminding) config() reminder.Config {
	steps, _ := reminder.ParseSteps(r.Days)
	quiet, _ := reminder.ParseQuiet(r.QuietHours)
	return reminder.Config{Steps: steps, Quiet: quiet, DigestHour: r.DigestHour, Lease: r.Lease}
}

// timing is the clock's start.
type timing struct {
	Now string `env:"VETALYZE_NOW" name:"now" placeholder:"TIME" help:"Start the clock at this time (RFC 3339). For the demo and for tests."`
}

// Validate says which setting is wrong and why.
func (t timing) Validate() error {
	if _, err := t.start(); err != nil {
		return err
	}
	return nil
}

func (t timing) start() (time.Time, error) {
	if t.Now == "" {
		return time.Time{}, nil
	}
	start, err := time.Parse(time.RFC3339, t.Now)
	if err != nil {
		return time.Time{}, fmt.Errorf("VETALYZE_NOW: %q is not a time in RFC 3339, such as 2026-03-01T10:00:00+02:00", t.Now)
	}
	return start, nil
}

// clock returns a clock that runs: from the time that was set, or the system's.
func (t timing) clock() *clock.Clock {
	if start, err := t.start(); err == nil && !start.IsZero() {
		return clock.From(start)
	}
	return clock.System()
}

// checkURL refuses an address that is set and not of one of the schemes.
func checkURL(setting, address string, schemes ...string) error {
	if address == "" {
		return nil
	}
	parsed, err := url.Parse(address)
	if err != nil { // the address may hold a password: it is not repeated
		return fmt.Errorf("%s: not an address", setting)
	}
	for _, scheme := range schemes {
		if parsed.Scheme == scheme {
			return nil
		}
	}
	return fmt.Errorf("%s: must begin with %s://", setting, schemes[0])
}

// newLogger logs JSON to stderr; what is logged on the way of an update carries its id.
func newLogger(level slog.Level) *slog.Logger {
	return slog.New(trail.Handler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
}

package telegram_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/simulator"
	"vetalyze/internal/telegram"
)

// An echo over a network where everything goes wrong now and then: each message is answered once,
// in order, whichever way it comes.
func TestEchoOverTheSimulator(t *testing.T) {
	t.Parallel()
	for _, webhook := range []bool{false, true} {
		t.Run("webhook "+strconv.FormatBool(webhook), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { echo(t, webhook) })
		})
	}
}

func echo(t *testing.T, webhook bool) {
	const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	quiet := slog.New(slog.DiscardHandler)
	var incoming http.Handler
	sim := simulator.New(simulator.Config{
		Token: token, BotName: "Clinic", BotUsername: "clinic_bot",
		Webhook: simulator.WebhookConfig{Handlers: map[string]http.Handler{
			"https://clinic.example/": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { incoming.ServeHTTP(w, r) }),
		}},
	})
	defer sim.Close()
	client, err := telegram.NewClient(t.Context(), telegram.ClientConfig{Token: token, HTTP: sim.Client(), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	in := telegram.NewIntake(telegram.IntakeConfig{
		Client: client, Logger: quiet,
		Handler: func(ctx context.Context, u *models.Update) error {
			if u.Message == nil {
				return nil
			}
			_, err := client.SendMessage(ctx, &bot.SendMessageParams{ChatID: telegram.ChatOf(u), Text: "re: " + u.Message.Text})
			if telegram.Classify(err).Unreachable() {
				return nil
			}
			return err
		},
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	stop := receive(t, client, in, webhook, &incoming)

	for _, kind := range []simulator.FaultKind{
		simulator.TooMany{RetryAfter: 3},
		simulator.ServerError{},
		simulator.ServerError{Status: 503},
		simulator.Drop{},
		simulator.Timeout{},
		simulator.Refuse{Code: 500, Description: "Internal Server Error"},
	} {
		sim.Fail(simulator.Fault{Method: "sendMessage", Kind: kind})
	}
	var people []*simulator.Person
	for id := range int64(4) {
		p := sim.AddPerson(simulator.Person{ID: 1 + id, FirstName: "Person"})
		p.Start("")
		for n := range 6 {
			p.Send(strconv.Itoa(n))
		}
		people = append(people, p)
	}
	gone := sim.AddPerson(simulator.Person{ID: 99, FirstName: "Person"})
	gone.Start("")
	gone.Block()
	if err := sim.Settled(ctx); err != nil {
		t.Errorf("%d updates were never acknowledged: %v", sim.Pending(), err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	want := []string{"re: /start", "re: 0", "re: 1", "re: 2", "re: 3", "re: 4", "re: 5"}
	for _, p := range people {
		var got []string
		for _, m := range p.Chat() {
			if m.FromBot {
				got = append(got, m.Text)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("person %d was answered (-want +got):\n%s", p.ID, diff)
		}
	}
}

// receive starts the intake one way or the other, and returns how to stop it.
func receive(t *testing.T, client *telegram.Client, in *telegram.Intake, webhook bool, incoming *http.Handler) func() error {
	t.Helper()
	if webhook {
		*incoming = in.Webhook(client.WebhookSecret())
		if err := client.UseWebhook(t.Context(), "https://clinic.example/telegram", client.WebhookSecret()); err != nil {
			t.Fatal(err)
		}
		return func() error { return in.Drain(context.Background()) }
	}
	if err := client.UsePolling(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Poll(ctx) }()
	return func() error {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}
}

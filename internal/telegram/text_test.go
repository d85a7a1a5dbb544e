package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/clock"
	"vetalyze/internal/simulator"
	"vetalyze/internal/telegram"
)

// texter is what a *telegram.Client does itself, and the *bot.Bot in it by forms.
type texter interface {
	SendMessage(context.Context, *bot.SendMessageParams) (telegram.Sent, error)
	EditMessageText(context.Context, *bot.EditMessageTextParams) (telegram.Sent, error)
	EditMessageReplyMarkup(context.Context, *bot.EditMessageReplyMarkupParams) (telegram.Sent, error)
}

// forms is a *bot.Bot as a texter.
type forms struct{ *bot.Bot }

func (f forms) SendMessage(ctx context.Context, params *bot.SendMessageParams) (telegram.Sent, error) {
	return named(f.Bot.SendMessage(ctx, params))
}

func (f forms) EditMessageText(ctx context.Context, params *bot.EditMessageTextParams) (telegram.Sent, error) {
	return named(f.Bot.EditMessageText(ctx, params))
}

func (f forms) EditMessageReplyMarkup(ctx context.Context, params *bot.EditMessageReplyMarkupParams) (telegram.Sent, error) {
	return named(f.Bot.EditMessageReplyMarkup(ctx, params))
}

func named(message *models.Message, err error) (telegram.Sent, error) {
	if err != nil {
		return telegram.Sent{}, err
	}
	return telegram.Sent{Chat: message.Chat.ID, ID: message.ID}, nil
}

// side is one of the two at a simulator of its own, where Amina (11) has one message of the bot's, with a button.
type side struct {
	texter
	sim   *simulator.Simulator
	amina *simulator.Person
	first int // the message
	sent  *sentAs
}

// sides returns the client's and the library's, to which the same happens.
func sides(t *testing.T) [2]side {
	t.Helper()
	var both [2]side
	for i := range both {
		sim := simulator.New(simulator.Config{
			Clock: clock.At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)), Limits: simulator.Limits{Off: true},
		})
		t.Cleanup(sim.Close)
		s := side{sim: sim, amina: sim.AddPerson(simulator.Person{ID: 11, FirstName: "Amina"}), sent: &sentAs{to: sim.Client().Transport}}
		s.amina.Start("")
		client, err := telegram.NewClient(t.Context(), telegram.ClientConfig{
			Token: sim.Token(), HTTP: &http.Client{Transport: s.sent}, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if s.texter = client; i == 1 {
			s.texter = forms{client.Bot}
		}
		first, err := s.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 11, Text: "first", ReplyMarkup: inline(button("Go", "go"))})
		if err != nil {
			t.Fatal(err)
		}
		s.first = first.ID
		both[i] = s
	}
	return both
}

// sentAs remembers of which kind the last request was.
type sentAs struct {
	to   http.RoundTripper
	kind string
}

func (s *sentAs) RoundTrip(req *http.Request) (*http.Response, error) {
	s.kind, _, _ = strings.Cut(req.Header.Get("Content-Type"), ";")
	return s.to.RoundTrip(req)
}

func button(text, data string) models.InlineKeyboardButton {
	return models.InlineKeyboardButton{Text: text, CallbackData: data}
}

func inline(row ...models.InlineKeyboardButton) models.InlineKeyboardMarkup {
	return models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{row}}
}

const hardText = "<b>Rex &amp; Co.</b> <i>\"ok\"</i> 'x' \\ \\n\n\tلولو، \u2068٣٤\u2069 🐶👩🏽\u200d⚕️ \u2028\u00a0{\"a\":[1]} https://example.org/?a=1&b=2"

// What the client writes as JSON arrives as what the library writes as a form.
func TestTextsArriveAsByTheLibrary(t *testing.T) {
	t.Parallel()
	preview := &models.LinkPreviewOptions{
		IsDisabled: bot.False(), URL: new("https://example.org/?a=1&b=<2>"), ShowAboveText: bot.True(), PreferSmallMedia: bot.True(),
	}
	for name, call := range map[string]func(context.Context, side) (telegram.Sent, error){
		"plain": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: int64(11), Text: "hello"})
		},
		"screen": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{
				ChatID: 11, Text: hardText, ParseMode: models.ParseModeHTML, LinkPreviewOptions: preview,
				ReplyMarkup: inline(
					button("<b>&amp; \"لولو\" 🐶\n", `a:"<&>\`),
					models.InlineKeyboardButton{Text: "url", URL: "https://example.org/?a=1&b=2"},
					models.InlineKeyboardButton{Text: "copy", CopyText: models.CopyTextButton{Text: "A & <B>"}},
					models.InlineKeyboardButton{Text: "app", WebApp: &models.WebAppInfo{URL: "https://example.org/app"}},
					models.InlineKeyboardButton{Text: "switch", SwitchInlineQueryCurrentChat: "rex & co"},
				),
			})
		},
		"entities": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{
				ChatID: "11", Text: "🐶 Rex & Co.", DisableNotification: true, ProtectContent: true,
				Entities: []models.MessageEntity{
					{Type: models.MessageEntityTypeBold, Offset: 3, Length: 3},
					{Type: models.MessageEntityTypeTextLink, Offset: 7, Length: 1, URL: "https://example.org/?a=1&b=2"},
				},
				ReplyParameters: &models.ReplyParameters{MessageID: s.first},
			})
		},
		"no entities": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11, Text: "<b>", ParseMode: ""})
		},
		"a keyboard for answers": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11, Text: "phone?", ReplyMarkup: &models.ReplyKeyboardMarkup{
				Keyboard:       [][]models.KeyboardButton{{{Text: "📱 <mine>", RequestContact: true}, {Text: "here", RequestLocation: true}}, {{Text: "no"}}},
				ResizeKeyboard: true, OneTimeKeyboard: true, InputFieldPlaceholder: "+20 & …",
			}})
		},
		"no keyboard any more": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11, Text: "thanks", ReplyMarkup: models.ReplyKeyboardRemove{RemoveKeyboard: true}})
		},
		"an answer is asked for": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11, Text: "name?", ReplyMarkup: models.ForceReply{ForceReply: true, Selective: true}})
		},
		"every argument": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{
				BusinessConnectionID: "b<1>", ChatID: 11, MessageThreadID: 2, DirectMessagesTopicID: 3, Text: hardText,
				ParseMode: models.ParseModeHTML, Entities: []models.MessageEntity{{Type: models.MessageEntityTypePre, Length: 1, Language: "go"}},
				LinkPreviewOptions: preview, DisableNotification: true, ProtectContent: true, AllowPaidBroadcast: true,
				MessageEffectID:         "5104841245755180586",
				SuggestedPostParameters: &models.SuggestedPostParameters{Price: &models.SuggestedPostPrice{Currency: "XTR", Amount: 5}},
				ReplyParameters:         &models.ReplyParameters{MessageID: 1, ChatID: "@vets", Quote: "<&>", AllowSendingWithoutReply: true},
				ReplyMarkup:             inline(button("Go", "go")),
			})
		},
		"no text": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11})
		},
		"to nobody": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 12, Text: "hello"})
		},
		"tags that do not close": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11, Text: "<b>Rex", ParseMode: models.ParseModeHTML})
		},
		"edit": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageText(ctx, &bot.EditMessageTextParams{
				ChatID: int64(11), MessageID: s.first, Text: hardText, ParseMode: models.ParseModeHTML, LinkPreviewOptions: preview,
				ReplyMarkup: inline(button("لولو", "a"), models.InlineKeyboardButton{Text: "url", URL: "https://example.org/?a=1&b=2"}),
			})
		},
		"edit with entities": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageText(ctx, &bot.EditMessageTextParams{
				ChatID: 11, MessageID: s.first, Text: "bold", Entities: []models.MessageEntity{{Type: models.MessageEntityTypeBold, Length: 4}},
			})
		},
		"edit that changes nothing": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageText(ctx, &bot.EditMessageTextParams{
				ChatID: 11, MessageID: s.first, Text: "first", ReplyMarkup: inline(button("Go", "go")),
			})
		},
		"edit of what is not there": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: 11, MessageID: 999, Text: "hello"})
		},
		"edit in inline mode": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageText(ctx, &bot.EditMessageTextParams{InlineMessageID: "AQ<&>", Text: "hello", BusinessConnectionID: "b"})
		},
		"buttons": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{
				ChatID: 11, MessageID: s.first, ReplyMarkup: inline(button("<&> 🐱", "b")),
			})
		},
		"no buttons": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{ChatID: "11", MessageID: s.first})
		},
		"the same buttons": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{
				ChatID: 11, MessageID: s.first, ReplyMarkup: inline(button("Go", "go")),
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both := sides(t)
			var came [2]arrival
			for i, s := range both {
				message, err := call(t.Context(), s)
				came[i] = arrivedAt(s, message, err)
			}
			if diff := cmp.Diff(came[1], came[0]); diff != "" {
				t.Errorf("by the library and by the client (-library +client):\n%s", diff)
			}
			if ours, forms := both[0].sent.kind, both[1].sent.kind; ours != "application/json" || forms != "multipart/form-data" {
				t.Errorf("sent as %q by the client, %q by the library", ours, forms)
			}
		})
	}
}

// arrival is what came of a call: at Telegram, at the person, and at the caller.
type arrival struct {
	Call    simulator.Call
	Params  map[string]any
	Chat    []simulator.Message
	Message [2]int64 // its chat and id
	Outcome telegram.Outcome
}

func arrivedAt(s side, message telegram.Sent, err error) arrival {
	calls := s.sim.Calls()
	a := arrival{Call: calls[len(calls)-1], Params: map[string]any{}, Chat: s.amina.Chat(), Outcome: telegram.Classify(err)}
	for name, param := range a.Call.Params {
		a.Params[name] = param
		var inner any
		if json.Unmarshal([]byte(param), &inner) == nil { // written otherwise it is the same
			a.Params[name] = inner
		}
	}
	a.Call.Params = nil
	if err == nil {
		a.Message = [2]int64{message.Chat, int64(message.ID)}
	}
	return a
}

// Trouble is told to the caller as the library tells it, after as many attempts.
func TestTroubleWithTextsIsAsByTheLibrary(t *testing.T) {
	t.Parallel()
	const secret = "Rex of Amina"
	methods := map[string]func(context.Context, side) (telegram.Sent, error){
		"sendMessage": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.SendMessage(ctx, &bot.SendMessageParams{ChatID: 11, Text: secret})
		},
		"editMessageText": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: 11, MessageID: s.first, Text: secret})
		},
		"editMessageReplyMarkup": func(ctx context.Context, s side) (telegram.Sent, error) {
			return s.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{
				ChatID: 11, MessageID: s.first, ReplyMarkup: inline(button(secret, "b")),
			})
		},
	}
	for name, tc := range map[string]struct {
		kind  simulator.FaultKind
		want  telegram.Outcome
		after time.Duration
	}{
		"chat not found":    {kind: simulator.Refuse{Code: 400, Description: "Bad Request: chat not found"}, want: telegram.ChatNotFound},
		"gone":              {kind: simulator.Refuse{Code: 400, Description: "Bad Request: message to edit not found"}, want: telegram.MessageGone},
		"not modified":      {kind: simulator.Refuse{Code: 400, Description: "Bad Request: message is not modified: as before"}, want: telegram.OK},
		"other 400":         {kind: simulator.Refuse{Code: 400, Description: "Bad Request: message is too long"}, want: telegram.Permanent},
		"unauthorized":      {kind: simulator.Refuse{Code: 401, Description: "Unauthorized"}, want: telegram.Unauthorized},
		"blocked":           {kind: simulator.Refuse{Code: 403, Description: "Forbidden: bot was blocked by the user"}, want: telegram.Blocked},
		"deactivated":       {kind: simulator.Refuse{Code: 403, Description: "Forbidden: user is deactivated"}, want: telegram.Deactivated},
		"no such method":    {kind: simulator.Refuse{Code: 404, Description: "Not Found: method not found"}, want: telegram.Permanent},
		"conflict":          {kind: simulator.Refuse{Code: 409, Description: "Conflict: other"}, want: telegram.Conflict},
		"another code":      {kind: simulator.Refuse{Code: 418, Description: "I'm a teapot"}, want: telegram.Permanent},
		"Telegram's 500":    {kind: simulator.Refuse{Code: 500, Description: "Internal Server Error"}, want: telegram.Transient},
		"gateway's 502":     {kind: simulator.ServerError{}, want: telegram.Transient},
		"gateway's 503":     {kind: simulator.ServerError{Status: 503}, want: telegram.Transient},
		"too many":          {kind: simulator.TooMany{RetryAfter: 9}, want: telegram.TooMany, after: 9 * time.Second},
		"too many, long":    {kind: simulator.TooMany{RetryAfter: 3600}, want: telegram.TooMany, after: time.Hour},
		"lost, not done":    {kind: simulator.Drop{}, want: telegram.Transient},
		"lost, done":        {kind: simulator.DropAfter{}, want: telegram.Transient},
		"no answer in time": {kind: simulator.Timeout{}, want: telegram.Transient},
	} {
		for method, call := range methods {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					both := sides(t)
					var troubles [2]trouble
					for i, s := range both {
						s.sim.Fail(simulator.Fault{Method: method, Kind: tc.kind, Times: -1})
						before := len(s.sim.CallsOf(method))
						message, err := call(t.Context(), s)
						troubles[i] = troubleIn(message, err)
						troubles[i].Attempts = len(s.sim.CallsOf(method)) - before
						if err == nil {
							continue
						}
						if text := err.Error(); strings.Contains(text, s.sim.Token()) || strings.Contains(text, secret) {
							t.Errorf("the error shows too much: %s", text)
						}
						if i == 0 && (!strings.HasPrefix(err.Error(), method+": ") || message != (telegram.Sent{})) {
							t.Errorf("%v, with the message %v", err, message)
						}
					}
					if diff := cmp.Diff(troubles[1], troubles[0]); diff != "" {
						t.Errorf("by the library and by the client (-library +client):\n%s", diff)
					}
					if got := troubles[0]; got.Outcome != tc.want || got.RetryAfter != tc.after {
						t.Errorf("%v, again after %v; want %v, %v", got.Outcome, got.RetryAfter, tc.want, tc.after)
					}
				})
			})
		}
	}
}

// trouble is all that anybody decides on.
type trouble struct {
	Outcome    telegram.Outcome
	RetryAfter time.Duration
	Kinds      []bool
	Call       telegram.CallError
	Attempts   int
	Message    [2]int64
}

func troubleIn(message telegram.Sent, err error) trouble {
	got := trouble{Outcome: telegram.Classify(err), RetryAfter: telegram.RetryAfter(err)}
	for _, kind := range []error{
		bot.ErrorBadRequest, bot.ErrorUnauthorized, bot.ErrorForbidden, bot.ErrorNotFound, bot.ErrorConflict,
	} {
		got.Kinds = append(got.Kinds, errors.Is(err, kind))
	}
	var unanswered *telegram.CallError
	if errors.As(err, &unanswered) {
		got.Call = *unanswered
		got.Call.Err = nil
	}
	if err == nil {
		got.Message = [2]int64{message.Chat, int64(message.ID)}
	}
	return got
}

// What cannot be written is refused before anything is sent.
func TestTextsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := sides(t)[0]
	before := len(s.sim.Calls())
	_, err := s.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 11, Text: "Rex", ReplyMarkup: func() {}})
	if telegram.Classify(err) != telegram.Permanent || strings.Contains(err.Error(), "Rex") {
		t.Errorf("%v", err)
	}
	if after := len(s.sim.Calls()); after != before {
		t.Errorf("%d calls, want none", after-before)
	}
}

// The one difference: a form brings such bytes as they are, and Telegram refuses them.
func TestTextsAreUTF8(t *testing.T) {
	t.Parallel()
	var outcomes [2]telegram.Outcome
	both := sides(t)
	for i, s := range both {
		_, err := s.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 11, Text: "Rex\xff!"})
		outcomes[i] = telegram.Classify(err)
	}
	if want := [2]telegram.Outcome{telegram.OK, telegram.Permanent}; outcomes != want {
		t.Errorf("%v by the client and the library, want %v", outcomes, want)
	}
	if last, _ := both[0].amina.Last(); last.Text != "Rex\ufffd!" {
		t.Errorf("Amina reads %q", last.Text)
	}
}

// BenchmarkSendMessage sends a page of twenty lines with as many buttons: alone, to a transport that has the answer ready,
// and to the simulator.
func BenchmarkSendMessage(b *testing.B) {
	for _, alone := range []bool{true, false} {
		name := "simulator"
		if alone {
			name = "alone"
		}
		b.Run(name, func(b *testing.B) {
			sim := simulator.New(simulator.Config{Limits: simulator.Limits{Off: true}})
			b.Cleanup(sim.Close)
			sim.AddPerson(simulator.Person{ID: 11, FirstName: "Amina", LanguageCode: "ar"}).Start("")
			transport := sim.Client().Transport
			if alone {
				transport = &readyAnswer{before: transport}
			}
			client, err := telegram.NewClient(b.Context(), telegram.ClientConfig{
				Token: sim.Token(), HTTP: &http.Client{Transport: transport},
				Limits: telegram.Limits{PerSecond: 1e9, Burst: 1e9, ChatEvery: time.Nanosecond, ChatBurst: 1e9},
			})
			if err != nil {
				b.Fatal(err)
			}
			page := benchPage()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.SendMessage(b.Context(), page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchPage() *bot.SendMessageParams {
	var text strings.Builder
	text.WriteString("👥 <b>Owners: 1,500</b>\n1–20 of 1,500\n")
	rows := make([][]models.InlineKeyboardButton, 4)
	for i := range 20 {
		fmt.Fprintf(&text, "\n%d. <b>\u2068Mona El-Sayed\u2069</b> · …%04d — 🐶 \u2068Simba\u2069، 🐱 \u2068لولو\u2069", i+1, i)
		rows[i/5] = append(rows[i/5], models.InlineKeyboardButton{
			Text: fmt.Sprint(i + 1), CallbackData: fmt.Sprintf("listed:%d:o1c.20", i),
		})
	}
	return &bot.SendMessageParams{
		ChatID: int64(11), Text: text.String(), ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()},
		ReplyMarkup:        models.InlineKeyboardMarkup{InlineKeyboard: rows},
	}
}

// readyAnswer gives the answer to the first message again and again.
type readyAnswer struct {
	before http.RoundTripper
	body   []byte
}

func (r *readyAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.body == nil {
		resp, err := r.before.RoundTrip(req)
		if err == nil && strings.HasSuffix(req.URL.Path, "/sendMessage") {
			r.body, err = io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(bytes.NewReader(r.body))
		}
		return resp, err
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(r.body)),
		ContentLength: int64(len(r.body)), Request: req,
	}, nil
}

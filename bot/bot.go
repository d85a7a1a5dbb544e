// Package bot is the chat front-end of Vetalyze: it finds out who speaks, in
// which language, and which route or open dialog their update is for. What may be
// done is decided in internal/..., how it is asked and shown in the rooms below.
package bot

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/go-telegram/bot/models"

	"vetalyze/bot/admin"
	"vetalyze/bot/chat"
	"vetalyze/bot/clinic"
	"vetalyze/bot/desk"
	"vetalyze/bot/form"
	"vetalyze/bot/notices"
	"vetalyze/bot/reports"
	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/dialog"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
	"vetalyze/internal/reminder"
	"vetalyze/internal/report"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
	"vetalyze/internal/telegram"
	"vetalyze/internal/trail"
)

//go:embed locales/*.toml
var locales embed.FS

// Config is what a bot is made of.
type Config struct {
	API       *telegram.Client
	DB        *db.DB
	Staff     *staff.Staff
	Reference *reference.Reference
	Reminders *reminder.Reminders
	Clock     *clock.Clock
	Zone      *time.Location // where the platform's team is
	Logger    *slog.Logger
}

// A Bot answers updates. It is safe for concurrent use; the transport sees to it
// that the updates of one chat come one after the other.
type Bot struct {
	api       *telegram.Client
	staff     *staff.Staff
	texts     *chat.Texts
	forms     *form.Engine
	desk      *desk.Desk
	clinic    *clinic.Clinic
	admin     *admin.Admin
	reminders *reminder.Reminders
	notices   *notices.Notices
	routes    map[string]chat.Route
	listed    []chat.Route                          // those with a place in the command menu, in its order
	commands  map[chat.Language][]models.BotCommand // of these, in the same order
	log       *slog.Logger
}

// New builds a bot with all its rooms.
func New(config Config) (*Bot, error) {
	files, err := fs.Sub(locales, "locales")
	if err != nil {
		return nil, fmt.Errorf("open the locales: %w", err)
	}
	texts, err := chat.LoadTexts(files)
	if err != nil {
		return nil, err
	}
	b := &Bot{
		api: config.API, staff: config.Staff, texts: texts, log: config.Logger,
		routes: map[string]chat.Route{}, commands: map[chat.Language][]models.BotCommand{},
	}
	forms := form.NewEngine(dialog.NewStore(config.DB, config.Clock), b.tellStanding)
	b.forms = forms
	subscriptions := subscription.New(config.DB, config.Clock)
	b.reminders = config.Reminders
	b.desk = desk.New(desk.Config{
		Forms: forms, Registry: registry.New(config.DB, config.Clock), Reference: config.Reference, Clock: config.Clock,
		Logger: config.Logger,
	})
	b.clinic = clinic.New(clinic.Config{
		Forms: forms, Staff: config.Staff, Subscriptions: subscriptions, Reference: config.Reference,
		Link: b.link, Home: b.showHome, Clock: config.Clock, Logger: config.Logger,
	})
	b.admin = admin.New(admin.Config{
		Forms: forms, Staff: config.Staff, Subscriptions: subscriptions, Reminders: b.reminders, Reference: config.Reference,
		Clock: config.Clock, Link: b.link, Zone: config.Zone,
	})
	b.notices = notices.New(config.API, texts, openData)
	told := reports.New(report.New(config.DB, config.Clock), config.Reference)
	for _, room := range [][]chat.Route{b.desk.Routes(), b.clinic.Routes(), b.admin.Routes(), told.Routes(), b.homeRoutes()} {
		for _, route := range room {
			b.routes[route.Name] = route
			if route.Listed {
				b.listed = append(b.listed, route)
			}
		}
	}
	b.nameCommands()
	return b, nil
}

// nameCommands prepares the commands of the listed routes, which are looked at with every update.
func (b *Bot) nameCommands() {
	for _, lang := range chat.Languages() {
		for _, route := range b.listed {
			description := b.texts.In(lang).Plain("command." + route.Name)
			b.commands[lang] = append(b.commands[lang], models.BotCommand{Command: route.Name, Description: description})
		}
	}
}

// Post is how notifications go out.
func (b *Bot) Post() reminder.Post { return b.notices.Post() }

// Handle answers one update: a telegram.Handler.
func (b *Bot) Handle(ctx context.Context, update *models.Update) error {
	if update.MyChatMember != nil {
		trail.Route(ctx, "membership")
		return unavailable(b.noteReach(ctx, update.MyChatMember))
	}
	from, input, ok := chat.Read(update)
	if !ok || from.IsBot {
		trail.Route(ctx, "ignored")
		return nil
	}
	if telegram.Continued(ctx) {
		ctx = db.Remembering(ctx)
	}
	ctx = reference.Once(ctx)
	speaker, err := b.staff.Find(ctx, from.ID, string(chat.GuessLanguage(from.LanguageCode)))
	if err != nil {
		return unavailable(fmt.Errorf("find who speaks: %w", err))
	}
	if err := b.staff.NoteName(ctx, speaker, from.FirstName+" "+from.LastName); err != nil {
		return unavailable(err)
	}
	t := chat.NewTurn(b.api, b.texts.In(chat.Language(speaker.Language)), speaker, update, input)
	t.Banner, t.Offers = banner(t), func(route string) bool { return b.offers(t, route) }
	if err := b.answer(ctx, t); err != nil {
		return unavailable(b.deaf(ctx, t, err))
	}
	if err := t.Finish(ctx); err != nil {
		return unavailable(b.deaf(ctx, t, err))
	}
	return unavailable(b.showMenu(ctx, t))
}

// answer finds what an update is for and lets that answer it.
func (b *Bot) answer(ctx context.Context, t *chat.Turn) error {
	switch {
	case t.Input.Command != nil:
		return b.command(ctx, t)
	case t.Input.Tap != nil:
		return b.tap(ctx, t)
	}
	if handled, err := b.forms.Answer(ctx, t); handled || err != nil {
		return err
	}
	switch typed := typedOrShared(t.Input); {
	case typed == "":
	case t.Speaker.May(staff.RightReadRegistry):
		trail.Route(ctx, "find")
		return b.desk.Find(ctx, t, typed)
	case t.Speaker.Member == nil && t.Speaker.May(staff.RightManageClinics):
		trail.Route(ctx, "find clinic")
		return b.admin.Find(ctx, t, typed)
	}
	return b.hint(ctx, t)
}

// typedOrShared is the text to look for: what was typed, or a shared contact's phone.
func typedOrShared(input chat.Input) string {
	if input.Contact != nil {
		return input.Contact.PhoneNumber
	}
	return input.Text
}

func (b *Bot) command(ctx context.Context, t *chat.Turn) error {
	route, ok := b.routes[t.Input.Command.Name]
	if !ok {
		trail.Route(ctx, "unknown")
		_, err := t.Send(ctx, chat.Screen{Text: t.Text("home.unknown_command"), Rows: b.homeRows(t)})
		return err
	}
	trail.Route(ctx, route.Name)
	if admitted, err := b.admit(ctx, t, route.Right, "command "+route.Name); !admitted {
		return err
	}
	return route.Open(ctx, t, t.Input.Command.Arguments)
}

func (b *Bot) tap(ctx context.Context, t *chat.Turn) error {
	name, argument := chat.SplitData(t.Input.Tap.Data)
	if name == form.Route {
		return b.forms.Press(ctx, t, argument)
	}
	route, ok := b.routes[name]
	if !ok {
		trail.Route(ctx, "expired")
		return t.Decline(ctx, "form.expired")
	}
	trail.Route(ctx, route.Name)
	if admitted, err := b.admit(ctx, t, route.Right, "button "+route.Name); !admitted {
		return err
	}
	return route.Open(ctx, t, argument)
}

// hint answers what nothing else understood.
func (b *Bot) hint(ctx context.Context, t *chat.Turn) error {
	trail.Route(ctx, "hint")
	text := t.Text("home.hint")
	switch {
	case !t.Speaker.Known():
		text = t.Text("home.stranger")
	case t.Speaker.Denial(staff.RightReadRegistry) == staff.DeniedByStanding:
		return b.tellStanding(ctx, t, "")
	case t.Speaker.May(staff.RightReadRegistry):
		text = t.Text("home.hint_desk")
	}
	_, err := t.Show(ctx, chat.Screen{Text: text, Rows: b.homeRows(t)})
	return err
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
)

// What the buttons of /reminders do: "reminders:hour:14", "reminders:mute", "reminders:unmute".
const (
	routeReminders = "reminders"
	actHour        = "hour"
	actMute        = "mute"
	actUnmute      = "unmute"
)

// openReminders shows when reminders come and whether they are muted, or changes
// what a button asks for; the screen is changed in place.
func (b *Bot) openReminders(ctx context.Context, t *chat.Turn, argument string) error {
	if t.Input.Tap == nil {
		argument = ""
	}
	action, hour, _ := strings.Cut(argument, ":")
	var settings reminder.Settings
	var err error
	switch action {
	case "":
		settings, err = b.reminders.Settings(ctx, t.Speaker)
	case actHour:
		at, unread := strconv.Atoi(hour)
		if unread != nil {
			return t.Decline(ctx, "form.expired")
		}
		settings, err = b.reminders.Change(ctx, t.Speaker, reminder.Change{Hour: &at})
	case actMute, actUnmute:
		muted := action == actMute
		settings, err = b.reminders.Change(ctx, t.Speaker, reminder.Change{Muted: &muted})
	default:
		return t.Decline(ctx, "form.expired")
	}
	if errors.Is(err, reminder.ErrHour) {
		return t.Decline(ctx, "form.expired")
	}
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, remindersScreen(t, settings))
	return err
}

func remindersScreen(t *chat.Turn, settings reminder.Settings) chat.Screen {
	what, mute := "on", chat.Button{Label: t.Plain("reminders.mute"), Data: chat.Data(routeReminders, actMute)}
	if settings.Muted {
		what, mute = "muted", chat.Button{Label: t.Plain("reminders.unmute"), Data: chat.Data(routeReminders, actUnmute)}
	}
	at := chat.Args{"Hour": hourText(settings.Hour)}
	parts := []chat.HTML{chat.Lines(t.Text("reminders.title"), t.Text("reminders."+what, at))}
	if ownsClinic(t.Speaker) {
		parts = append(parts, t.Text("reminders.clinic_owner."+what, at))
	}
	if t.Speaker.Admin {
		parts = append(parts, t.Text("reminders.admin."+what))
	}
	var hours []chat.Button
	for hour := reminder.FirstHour; hour <= reminder.LastHour; hour++ {
		label := "reminders.hour"
		if hour == settings.Hour {
			label = "reminders.chosen_hour"
		}
		hours = append(hours, chat.Button{
			Label: t.Plain(label, chat.Args{"Hour": hourText(hour)}),
			Data:  chat.Data(routeReminders, actHour, strconv.Itoa(hour)),
		})
	}
	return chat.Screen{
		Text: chat.Paragraphs(append(parts, t.Text("reminders.choose"))...),
		Rows: append(chat.Columns(4, hours), chat.Row(mute)),
	}
}

func hourText(hour int) string { return fmt.Sprintf("%d:00", hour) }

// ownsClinic says whether the speaker gets what clinic owners are told, of
// whichever clinic.
func ownsClinic(speaker staff.Speaker) bool {
	return slices.ContainsFunc(speaker.Memberships, func(member staff.Member) bool { return member.Role == staff.RoleClinicOwner })
}

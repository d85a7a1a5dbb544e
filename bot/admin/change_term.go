package admin

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/money"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

const (
	formChangeTerm = "changeterm"

	keyAction = "action"

	fieldClinic  = "clinic"
	fieldTerm    = "term"
	fieldAmount  = "amount"
	fieldComment = "comment"
)

// changeTerm suspends, resumes, refunds, extends or cancels a term: always with a comment, and after a summary.
func (a *Admin) changeTerm() *form.Form {
	return &form.Form{
		Name: formChangeTerm, Texts: "admin.change", Right: staff.RightManageSubscriptions,
		Title: func(answers dialog.Answers) string { return answers.Item[keyAction] + "_title" },
		Fields: []form.Field{
			{Name: fieldClinic, Fixed: true},
			{Name: fieldTerm, Fixed: true, Show: a.showTerm},
			{Name: fieldAmount, Applies: when(actRefund), Choices: a.refundChoices, Accept: a.acceptRefund, Show: a.showRefund},
			{Name: fieldDays, Applies: when(actExtend), Columns: 4, Choices: numberChoices(3, 7, 14, 30), Accept: acceptNumber(fieldDays, 1, subscription.MaxExtension)},
			{Name: fieldComment, Accept: acceptComment},
		},
		Save: a.saveChange,
	}
}

// when asks a question of one action only.
func when(action string) func(context.Context, form.Step) (bool, error) {
	return func(_ context.Context, s form.Step) (bool, error) { return s.Item[keyAction] == action, nil }
}

// refuseChange names the text that tells why an action makes no sense for a term as it stands; empty when it does. The
// subscriptions decide again when it is done.
func refuseChange(action string, term subscription.Term) string {
	is := func(statuses ...subscription.Status) bool {
		for _, status := range statuses {
			if term.Status == status {
				return true
			}
		}
		return false
	}
	switch {
	case (action == actSuspend || action == actExtend) && !is(subscription.Active):
		return "admin.refused.not_active"
	case action == actResume && !is(subscription.Suspended):
		return "admin.refused.not_suspended"
	case action == actCancel && !is(subscription.Active, subscription.Upcoming):
		return "admin.refused.not_cancellable"
	case action == actRefund && !is(subscription.Upcoming, subscription.Active, subscription.Grace, subscription.Suspended):
		return "admin.refused.not_refundable"
	case action == actRefund && term.Refundable().Minor <= 0:
		return "admin.refused.nothing_paid"
	}
	return ""
}

func (a *Admin) beginChangingTerm(ctx context.Context, t *chat.Turn, action string, clinicID, termID int64) error {
	standing, term, err := a.term(ctx, t, clinicID, termID)
	if key := refusalKey(err); key != "" {
		return t.Decline(ctx, key)
	}
	if err != nil {
		return err
	}
	if key := refuseChange(action, term); key != "" {
		return t.Decline(ctx, key)
	}
	answers := dialog.NewAnswers()
	answers.Item = dialog.Item{
		keyAction: action, keyID: short(clinicID), keyVersion: strconv.Itoa(term.Version),
		fieldClinic: standing.ClinicName, fieldTerm: short(term.ID),
	}
	return a.forms.Begin(ctx, t, formChangeTerm, answers)
}

// termOf is the term a dialog is about, as it is now.
func (a *Admin) termOf(ctx context.Context, s form.Step) (subscription.Term, error) {
	_, term, err := a.term(ctx, s.Turn, long(s.Item[keyID]), long(s.Item[fieldTerm]))
	return term, err
}

func (a *Admin) showTerm(ctx context.Context, s form.Step, _ string) (string, error) {
	term, err := a.termOf(ctx, s)
	if errors.Is(err, subscription.ErrNotFound) {
		return "", nil
	}
	return s.Plain("admin.change.term.about", chat.Args{
		"Plan": planName(s.Turn, term), "First": s.ShortDay(term.Start), "Last": s.ShortDay(term.LastDay()),
	}), err
}

func (a *Admin) refundChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	term, err := a.termOf(ctx, s)
	if err != nil {
		return nil, err
	}
	all := term.Refundable()
	return []form.Choice{{
		Value: strconv.FormatInt(all.Minor, 10), Label: s.Plain("admin.change.amount.all", chat.Args{"Amount": sum(s.Turn, all)}),
	}}, nil
}

func (a *Admin) acceptRefund(ctx context.Context, s form.Step, typed string) error {
	term, err := a.termOf(ctx, s)
	if err != nil {
		return err
	}
	all := term.Refundable()
	minor, err := money.Parse(typed, all.Currency)
	switch {
	case err != nil:
		return refuseAmount(err)
	case minor == 0:
		return form.Refuse("admin.change.amount.nothing", nil)
	case minor > all.Minor:
		return form.Refuse("admin.change.amount.above", chat.Args{"Amount": sum(s.Turn, all)})
	}
	s.Item[fieldAmount] = strconv.FormatInt(minor, 10)
	return nil
}

func (a *Admin) showRefund(ctx context.Context, s form.Step, kept string) (string, error) {
	term, err := a.termOf(ctx, s)
	if err != nil {
		return "", err
	}
	minor, err := strconv.ParseInt(kept, 10, 64)
	return s.Money(minor, term.Paid.Currency), err
}

func acceptComment(_ context.Context, s form.Step, typed string) error {
	typed = strings.TrimSpace(strings.ToValidUTF8(strings.Map(plainRune, typed), ""))
	if typed == "" || utf8.RuneCountInString(typed) > subscription.MaxComment {
		return form.Refuse("admin.refused.comment", nil)
	}
	s.Item[fieldComment] = typed
	return nil
}

// plainRune drops what would break or forge a line: control characters and direction overrides.
func plainRune(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r < ' ', r >= 0x7f && r < 0xa0, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u061c':
		return -1
	}
	return r
}

func (a *Admin) saveChange(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	clinicID, termID := long(item[keyID]), long(item[fieldTerm])
	change := subscription.Change{
		Key: key, ClinicID: clinicID, TermID: termID, Version: number(item[keyVersion]), Comment: item[fieldComment],
	}
	var err error
	switch item[keyAction] {
	case actSuspend:
		_, err = a.subscriptions.Suspend(ctx, t.Speaker, change)
	case actResume:
		_, err = a.subscriptions.Resume(ctx, t.Speaker, change)
	case actRefund:
		_, err = a.subscriptions.Refund(ctx, t.Speaker, change, int64(number(item[fieldAmount])))
	case actExtend:
		_, err = a.subscriptions.Extend(ctx, t.Speaker, change, number(item[fieldDays]))
	case actCancel:
		_, err = a.subscriptions.Cancel(ctx, t.Speaker, change)
	}
	switch {
	case err == nil:
		return a.termScreen(ctx, t, clinicID, termID, "admin.change.saved")
	case errors.Is(err, subscription.ErrComment):
		delete(item, fieldComment)
	case errors.Is(err, subscription.ErrAmount), errors.Is(err, subscription.ErrRefundTooMuch):
		delete(item, fieldAmount)
	case errors.Is(err, subscription.ErrDays):
		delete(item, fieldDays)
	case refusalKey(err) != "": // nothing that is answered here would change it
		screen, seen := a.termScreen(ctx, t, clinicID, termID, refusalKey(err))
		if seen != nil {
			return chat.Screen{}, form.Refuse(refusalKey(err), nil)
		}
		return chat.Screen{}, &form.Departure{Screen: screen}
	}
	return chat.Screen{}, refuseTerm(err)
}

// refuseTerm turns what the subscriptions will not do into words; other errors stay.
func refuseTerm(err error) error {
	if key := refusalKey(err); key != "" {
		return form.Refuse(key, nil)
	}
	return err
}

// isoDay reads a day that a form has kept.
func isoDay(kept string) (time.Time, error) { return time.Parse(time.DateOnly, kept) }

package staff

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"vetalyze/db"
)

// An account that came with this many invented tokens within this time is not listened to until it has passed.
const (
	maxInvented  = 5
	inventedTime = time.Hour
)

// An Invite is what a token opens: an admin's place, or a membership.
type Invite struct {
	Admin      bool // JoinAsAdmin; no contact is asked for, as the operator gave the link in person
	Role       Role
	ClinicID   int64 // 0 for an admin
	StaffID    int64
	ClinicName string
	Country    string // ISO code of the clinic's
	Name       string // of the invited, as the inviter wrote it
	ExpiresAt  time.Time
	Seal       string // stands for the token in a Joining, so that the token itself need not be kept
}

// LookupInvite says what the token opens for the account that brings it, or why it opens nothing.
func (s *Staff) LookupInvite(ctx context.Context, telegramID int64, token string) (Invite, error) {
	hash := hashToken(token)
	found, err := s.findInvite(ctx, s.db.Platform(), telegramID, hash)
	if err != nil {
		return Invite{}, err
	}
	if found.ForAdmin {
		return Invite{Admin: true, Role: RoleAdmin, ExpiresAt: value(found.AdminExpiresAt)}, nil
	}
	return Invite{
		Role:       Role(value(found.Role)),
		ClinicID:   value(found.ClinicID),
		StaffID:    value(found.StaffID),
		ClinicName: value(found.ClinicName),
		Country:    value(found.CountryCode),
		Name:       value(found.FullName),
		ExpiresAt:  value(found.ExpiresAt),
		Seal:       hex.EncodeToString(hash),
	}, nil
}

// A Joining is an account that accepts an invitation to a clinic.
type Joining struct {
	Token      string
	Seal       string // of the Invite, in place of the token
	TelegramID int64
	Language   string // for an account not met before
	Phone      string // of the account's own contact, as Telegram gives it
}

// Join binds the membership to the account, uses the token up and returns the speaker at work in the clinic. Whoever held
// the membership before is cut off. Of two accounts that come with one token at once, one joins. Repeated by who
// joined, it changes nothing and succeeds.
func (s *Staff) Join(ctx context.Context, joining Joining) (Speaker, error) {
	scope := s.db.Platform()
	invite, err := s.findInvite(ctx, scope, joining.TelegramID, joining.hash())
	switch {
	case isOwn(invite, err, joining.TelegramID):
		return s.Find(ctx, joining.TelegramID, joining.Language)
	case err != nil:
		return Speaker{}, err
	case invite.ForAdmin:
		return Speaker{}, ErrTokenUnknown // has no phone to compare
	case digits(joining.Phone) != digits(value(invite.Phone)):
		return Speaker{}, ErrWrongPhone
	}

	err = scope.InTx(ctx, func(tx db.Tx) error { return s.bind(ctx, tx, joining, invite) })
	if err != nil {
		return Speaker{}, explain("join a clinic", err)
	}
	return s.Find(ctx, joining.TelegramID, joining.Language)
}

// bind uses the token up for the account. The membership is locked first, as everywhere: of two who come at once the
// second waits and finds the token used.
func (s *Staff) bind(ctx context.Context, tx db.Tx, joining Joining, invite db.InviteFindRow) error {
	clinicID, staffID, now := value(invite.ClinicID), value(invite.StaffID), s.clock.Now()
	if _, err := s.query.StaffLockOne(ctx, tx, clinicID, staffID); err != nil {
		return err
	}
	used, err := s.query.InviteUse(ctx, tx, db.InviteUseParams{
		Now: now, TelegramID: joining.TelegramID, ClinicID: clinicID, TokenHash: joining.hash(),
	})
	if err != nil {
		return err
	}
	if used == 0 { // a moment ago, by another or by the same; or closed by the inviter
		return s.whyUsed(ctx, tx, joining.TelegramID, joining.hash())
	}
	err = s.query.StaffBind(ctx, tx, db.StaffBindParams{
		TelegramID: joining.TelegramID, Now: now, ClinicID: clinicID, StaffID: staffID,
	})
	if err != nil {
		return err
	}
	return s.query.PersonEnter(ctx, tx, db.PersonEnterParams{
		TelegramID: joining.TelegramID, Language: joining.Language, ClinicID: clinicID, Now: now,
	})
}

// whyUsed says why a token that was open a moment ago is not: nil if the account itself has used it.
func (s *Staff) whyUsed(ctx context.Context, tx db.Tx, telegramID int64, hash []byte) error {
	invite, err := s.findInvite(ctx, tx, telegramID, hash)
	if isOwn(invite, err, telegramID) {
		return nil
	}
	return err
}

// isOwn says whether a token was used by the account itself, which still has what it opened.
func isOwn(invite db.InviteFindRow, err error, telegramID int64) bool {
	if !errors.Is(err, ErrTokenUsed) || value(invite.UsedBy) != telegramID {
		return false
	}
	return invite.ForAdmin || value(invite.TelegramID) == telegramID && invite.StoppedAt == nil
}

// hash is what is kept of the token. A seal that was tampered with is nobody's.
func (j Joining) hash() []byte {
	if j.Seal == "" {
		return hashToken(j.Token)
	}
	hash, err := hex.DecodeString(j.Seal)
	if err != nil {
		return nil
	}
	return hash
}

// findInvite returns the invite a token opens; one that is not open comes with the error that says why. An account's
// updates come one after another, so what it invented is counted without a lock.
func (s *Staff) findInvite(ctx context.Context, tx db.DBTX, telegramID int64, hash []byte) (db.InviteFindRow, error) {
	now := s.clock.Now()
	invite, err := s.query.InviteFind(ctx, tx, db.InviteFindParams{
		TokenHash: hash, TelegramID: telegramID, ForgetBefore: now.Add(-inventedTime),
	})
	switch {
	case err != nil:
		return invite, fmt.Errorf("find an invite: %w", err)
	case invite.Failures >= maxInvented:
		return invite, ErrTooManyTokens
	case !invite.Found:
		return invite, s.countInvented(ctx, tx, telegramID, now)
	case invite.UsedAt != nil:
		return invite, ErrTokenUsed
	case invite.RevokedAt != nil, invite.StoppedAt != nil:
		return invite, ErrTokenRevoked
	case expired(invite, now):
		return invite, ErrTokenExpired
	case invite.DeactivatedAt != nil:
		return invite, ErrClinicClosed
	}
	return invite, nil
}

func expired(invite db.InviteFindRow, now time.Time) bool {
	if invite.ForAdmin {
		return !now.Before(value(invite.AdminExpiresAt))
	}
	return !now.Before(value(invite.ExpiresAt))
}

// countInvented remembers that the account came with an invented token, and returns the error to tell.
func (s *Staff) countInvented(ctx context.Context, tx db.DBTX, telegramID int64, now time.Time) error {
	err := s.query.TokenFailureAdd(ctx, tx, db.TokenFailureAddParams{
		TelegramID: telegramID, Now: now, ForgetBefore: now.Add(-inventedTime),
	})
	if err != nil {
		return fmt.Errorf("count an invented token: %w", err)
	}
	return ErrTokenUnknown
}

// digits returns the digits of a phone: Telegram gives its own in international form, with or without the plus.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

package staff

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"vetalyze/db"
)

// EnsureAdmins makes admins of the accounts the operator names, of stopped ones too.
func (s *Staff) EnsureAdmins(ctx context.Context, telegramIDs ...int64) error {
	if err := s.query.AdminEnsure(ctx, s.db.Platform(), telegramIDs, s.clock.Now()); err != nil {
		return fmt.Errorf("ensure admins: %w", err)
	}
	return nil
}

// AdminLink makes a token that makes an admin of who brings it, and says until when. It is the operator's: no right is
// asked for.
func (s *Staff) AdminLink(ctx context.Context) (token string, expires time.Time, err error) {
	now := s.clock.Now()
	token, hash := newToken()
	expires = now.Add(LinkLife)
	err = s.query.AdminInviteInsert(ctx, s.db.Platform(), db.AdminInviteInsertParams{
		TokenHash: hash, Now: now, ExpiresAt: expires,
	})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("make an admin link: %w", err)
	}
	return token, expires, nil
}

// JoinAsAdmin makes the account an admin and uses the token up. Repeated by who joined, it changes nothing and succeeds.
func (s *Staff) JoinAsAdmin(ctx context.Context, telegramID int64, token string) error {
	scope, hash := s.db.Platform(), hashToken(token)
	invite, err := s.findInvite(ctx, scope, telegramID, hash)
	switch {
	case isOwn(invite, err, telegramID):
		return nil
	case err != nil:
		return err
	case !invite.ForAdmin:
		return ErrTokenUnknown // a clinic's: its bearer must share a contact
	}

	now := s.clock.Now()
	err = scope.InTx(ctx, func(tx db.Tx) error {
		used, err := s.query.AdminInviteUse(ctx, tx, db.AdminInviteUseParams{
			Now: now, TelegramID: telegramID, TokenHash: hash,
		})
		if err != nil {
			return err
		}
		if used == 0 { // a moment ago
			return s.whyUsed(ctx, tx, telegramID, hash)
		}
		return s.query.AdminEnsure(ctx, tx, []int64{telegramID}, now)
	})
	return explain("join the platform", err)
}

// longestName is how many characters of an admin's name are kept: as many as Telegram takes for a first name.
const longestName = 64

// NoteName keeps what an admin is called, as the account tells it, for the histories that say who did what. It does
// nothing for others, nor when it is known.
func (s *Staff) NoteName(ctx context.Context, speaker Speaker, told string) error {
	if !speaker.Admin {
		return nil
	}
	name := plainName(told)
	if name == "" || name == speaker.AdminName {
		return nil
	}
	if err := s.query.AdminSetName(ctx, s.db.Platform(), name, speaker.TelegramID); err != nil {
		return fmt.Errorf("note an admin's name: %w", err)
	}
	return nil
}

// plainName is a name in one line, without what cannot be seen or turns the direction of what follows it.
func plainName(told string) string {
	seen := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, told)
	characters := []rune(strings.Join(strings.Fields(seen), " "))
	return strings.TrimSpace(string(characters[:min(longestName, len(characters))]))
}

// An AdminOnDuty is an admin as alerts need one.
type AdminOnDuty struct {
	TelegramID  int64
	Language    string // empty: has never written
	Unreachable bool
}

// Admins lists the platform's team, the first first.
func (s *Staff) Admins(ctx context.Context) ([]AdminOnDuty, error) {
	rows, err := s.query.AdminList(ctx, s.db.Platform())
	if err != nil {
		return nil, fmt.Errorf("list admins: %w", err)
	}
	team := make([]AdminOnDuty, len(rows))
	for i, row := range rows {
		team[i] = AdminOnDuty{
			TelegramID: row.TelegramID, Language: value(row.Language), Unreachable: row.UnreachableSince != nil,
		}
	}
	return team, nil
}

# Write the events with Data::ICal (Perl).
use strict;
use warnings;
use utf8;
use JSON::PP;
use Data::ICal;
use Data::ICal::Entry::Event;
use Data::ICal::Entry::Alarm::Display;

local $/;
my $events = decode_json(<STDIN>);
binmode(STDOUT, ":raw:encoding(UTF-8)");

sub moment {
    my ($text, $zone) = @_;
    (my $basic = $text) =~ s/[-:]//g;
    return [$basic, { VALUE => "DATE" }] if length($text) == 10;
    $basic .= "00";
    return $basic if !defined $zone;
    return "${basic}Z" if $zone eq "UTC";
    return [$basic, { TZID => $zone }];
}

my $calendar = Data::ICal->new();
for my $each (@$events) {
    my $zone = $each->{zone};
    my $event = Data::ICal::Entry::Event->new();
    $event->add_properties(
        uid => $each->{id}, summary => $each->{summary},
        dtstart => moment($each->{start}, $zone), dtend => moment($each->{end}, $zone),
    );
    for my $name (qw(description location url)) {
        $event->add_property($name => $each->{$name}) if exists $each->{$name};
    }
    if (exists $each->{weekly}) {
        $event->add_properties(
            rrule => "FREQ=WEEKLY;COUNT=$each->{weekly}", exdate => moment($each->{left_out}, $zone),
        );
    }
    if (exists $each->{minutes_before}) {
        my $alarm = Data::ICal::Entry::Alarm::Display->new();
        $alarm->add_properties(
            description => $each->{summary}, trigger => "-PT$each->{minutes_before}M",
        );
        $event->add_entry($alarm);
    }
    if (my $guest = $each->{guest}) {
        (my $name = $guest->{name}) =~ s/"/'/g;
        $event->add_property(
            attendee => ["mailto:$guest->{email}", { CN => $name, PARTSTAT => $guest->{answer} }],
        );
    }
    $calendar->add_entry($event);
    if (my $moved = $each->{moved}) {
        my $other = Data::ICal::Entry::Event->new();
        $other->add_properties(
            uid => $each->{id}, summary => $each->{summary}, "recurrence-id" => moment($moved->[0], $zone),
            dtstart => moment($moved->[1], $zone), dtend => moment($moved->[2], $zone),
        );
        $calendar->add_entry($other);
    }
}
print $calendar->as_string;

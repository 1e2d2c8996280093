# SPDX-License-Identifier: MIT
# Apache Thrift's Perl: peer.pl GEN server DIALECT | client DIALECT PORT. In
# this peer text is bytes: received text is not decoded, and sent text is
# encoded before.
use strict;
use warnings;

my ($gen, $role, $dialect, $port) = @ARGV;
unshift @INC, $gen;
eval {
    require Thrift::BinaryProtocol;
    require Thrift::BufferedTransport;
    require Thrift::FramedTransport;
    require Thrift::HttpClient;
    require Thrift::MultiplexedProcessor;
    require Thrift::MultiplexedProtocol;
    require Thrift::Server;
    require Thrift::ServerSocket;
    require Thrift::Socket;
    require everything::Everything;
    require everything::Future;
    require everything::Second;
    require everything::Types;
    1;
} or do { print "skipped: $@"; exit 77 };

my $mux = $dialect =~ s/^mux-//;
my ($framing, $protocol) = split /-/, $dialect;

# Apache's code reads a set as the keys of a hash, but writes a set from an
# array.
sub with_sets {
    my ($all) = @_;
    for my $name ("words", "bigs") {
        $all->{$name} = [sort keys %{$all->{$name}}]
            if UNIVERSAL::isa($all->{$name}, "HASH");
    }
    return $all;
}

# ---- the server ----

package Handler {
    sub new { bless {forgotten => 0}, shift }
    sub echo { main::with_sets($_[1]) }
    sub flip { !$_[1] }
    sub sum { $_[1] + $_[2] + $_[3] + $_[4] }
    sub half { $_[1] / 2 }
    sub large { $_[1] }
    sub nothing { }
    sub forget { $_[0]{forgotten} += $_[1] }
    sub remembered { $_[0]{forgotten} }

    sub collect {
        my (undef, $alls) = @_;
        main::with_sets($_) for @$alls;
        return {once => $alls, again => $alls};
    }

    sub grow { $_[1] }
    # If a handler dies, no result is sent, and the connection ends, unless the
    # method declares exceptions.
    sub business { undef }
    sub relay { die "only weft's server calls itself\n" }
    sub twice { 2 * $_[1] }

    sub seen {
        everything::Seen->new({headers => {}, left_ms => -1, dialect => ""});
    }

    sub trouble {
        my (undef, $kind) = @_;
        die everything::Wrong->new({why => "all wrong",
            all => everything::All->new({text => "inside"})}) if $kind == 1;
        die everything::Late->new({ms => 9223372036854775807}) if $kind == 2;
        die "out of order\n" if $kind == 3;
        return $kind;
    }

    sub nap {
        select undef, undef, undef, $_[1] / 1000;
        return $_[1];
    }
}

# Listens on any port, and prints it.
package Port {
    our @ISA = ("Thrift::ServerSocket");

    sub listen {
        my $self = shift;
        $self->SUPER::listen();
        $| = 1;
        print $self->{handle}->sockport, "\n";
    }
}

package main;

sub serve {
    my $handler = Handler->new;
    my $processor = everything::EverythingProcessor->new($handler);
    if ($mux) {
        my $services = Thrift::MultiplexedProcessor->new;
        $services->registerProcessor("Everything", $processor);
        $services->registerProcessor("Second",
            everything::SecondProcessor->new($handler));
        $processor = $services;
    }
    my $transports = $framing eq "framed"
        ? Thrift::FramedTransportFactory->new
        : Thrift::BufferedTransportFactory->new;
    $SIG{TERM} = sub { exit 0 };
    Thrift::ForkingServer->new($processor,
        Port->new({host => "127.0.0.1", port => 0}), $transports,
        Thrift::BinaryProtocolFactory->new)->serve;
}

# ---- the client ----

sub check {
    my ($holds, $what) = @_;
    die "not true: $what\n" unless $holds;
}

# Returns the value as text, the same text for equal values.
sub text_of {
    my ($v) = @_;
    return "undef" unless defined $v;
    return join ",", "[", map({ text_of($_) } @$v), "]"
        if UNIVERSAL::isa($v, "ARRAY");
    $v = with_sets({%$v}) if UNIVERSAL::isa($v, "everything::All");
    return join ",", "{",
        map({ "$_=" . text_of($v->{$_}) } sort keys %$v), "}"
        if UNIVERSAL::isa($v, "HASH");
    return $v eq "" ? "0" : "$v"; # false is ""
}

sub same { text_of($_[0]) eq text_of($_[1]) }

sub sample {
    my $inner = everything::Inner->new({x => -2, name => "two"});
    my $min = -9223372036854775807 - 1;
    return everything::All->new({
        yes => 1, tiny => -128, small => -2**15, medium => -2**31,
        big => $min, real => 0.1,
        text => "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80",
        bytes => "\0\1\2\xff", color => 70000, inner => $inner,
        choice => everything::Choice->new({text => "chosen"}),
        numbers => [0, 1, -1, 2**31 - 1, -2**31],
        words => ["a", "x", "\xc3\xbc"],
        counts => {min => $min, max => 9223372036854775807},
        inners => [$inner, everything::Inner->new({x => 0, name => "n"})],
        lines => {7 => ["x", "y"], -7 => []}, present => -42,
        bits => [1, 0, 1], reals => [0.5, -1.5, 1e300], bigs => [$min, 5],
        deep => [{k => $inner}, {}], fixed => 43, another => $inner,
        blobs => ["\0\xff", "b"], grid => [[-2**15, -1], [], [1]],
        colors => {1 => 1, 70000 => 0}, far => 127});
}

sub plain {
    return everything::All->new({yes => 0, tiny => 1, small => 0, medium => 0,
        big => 0, real => 0, text => "", bytes => "", color => 1,
        inner => everything::Inner->new({x => 0, name => ""}),
        choice => everything::Choice->new({number => 0}), far => 0});
}

sub fails {
    my ($class, $call) = @_;
    eval { $call->(); 1 } and die "no exception\n";
    my $e = $@;
    check(UNIVERSAL::isa($e, $class), "$class: " . text_of($e));
    return $e;
}

sub connect_to {
    my ($timeout_ms) = @_;
    my $transport;
    if ($framing eq "http") {
        $transport = Thrift::HttpClient->new("http://127.0.0.1:$port/weft");
    } else {
        my $socket = Thrift::Socket->new({host => "127.0.0.1", port => $port});
        $socket->setSendTimeout($timeout_ms);
        $socket->setRecvTimeout($timeout_ms);
        $transport = $framing eq "framed"
            ? Thrift::FramedTransport->new($socket)
            : Thrift::BufferedTransport->new($socket);
    }
    $transport->open;
    my $binary = Thrift::BinaryProtocol->new($transport);
    my $named = sub {
        $mux ? Thrift::MultiplexedProtocol->new($binary, $_[0]) : $binary;
    };
    return {transport => $transport, named => $named,
        everything => everything::EverythingClient->new($named->("Everything")),
        future => everything::FutureClient->new($named->("Everything")),
        second => everything::SecondClient->new($named->("Second"))};
}

sub check_values {
    my ($c) = @_;
    check($c->echo(plain())->fixed == 42, "a default");
    check(same($c->echo(sample()), sample()), "echo");
    check($c->flip(0) && !$c->flip(1), "flip");
    check($c->sum(-128, -2**15, -2**31, -1) == -128 - 2**15 - 2**31 - 1, "sum");
    check($c->half(1e-300) == 0.5e-300, "half");
    $c->nothing;
    my $text = "0123456789abcdef" x 65536;
    check($c->large($text) eq $text, "a megabyte");
    my $got = $c->collect([sample(), plain(), sample()]);
    for (values %$got) {
        check(same($_->[0], sample()) && same($_->[2], sample()), "collect");
        check($_->[1]->tiny == 1, "collect");
    }
}

sub check_trouble {
    my ($c) = @_;
    check($c->trouble(0) == 0, "no trouble");
    my $e = fails("everything::Wrong", sub { $c->trouble(1) });
    check($e->why eq "all wrong" && $e->all->text eq "inside", "wrong");
    $e = fails("everything::Late", sub { $c->trouble(2) });
    check($e->ms == 9223372036854775807, "late");
    $e = fails("Thrift::TApplicationException", sub { $c->trouble(3) });
    check($e->{message} =~ /out of order/, $e->{message});
    check($c->trouble(0) == 0, "no trouble");
}

sub check_versions {
    my ($c, $newer) = @_;
    my $back = $newer->grow(everything::Grown->new({name => "first",
        all => sample(), more => [sample(), sample()],
        index => {a => [1, 2], b => []}, yes => 1, real => 1.5, bytes => "\0",
        choice => everything::Choice->new({number => 1}),
        tail => 1234567890123, last => 5}), sample());
    check($back->name eq "first" && $back->tail == 1234567890123, "grown");
    check(!defined $back->more && !defined $back->last, "unknown fields");
    my $old = everything::Grow->new({name => "old", tail => 7});
    check(same($c->grow($old), $old), "old");
    my $e = fails("Thrift::TApplicationException",
        sub { $newer->only_here(sample()) });
    check($e->{code} == Thrift::TApplicationException::UNKNOWN_METHOD(),
        "unknown method");
}

sub check_oneway {
    my ($c) = @_;
    my $before = $c->remembered;
    $c->forget($_) for 1 .. 10;
    for (1 .. 100000) {
        return if $c->remembered == $before + 55;
    }
    die "forgotten indeed\n";
}

sub check_timeout {
    my $slow = connect_to(100);
    my $ms = 2000;
    # A reply comes only if this program was held up until then.
    $ms *= 2 while eval { $slow->{everything}->nap($ms); 1 };
    $slow->{transport}->close;
    check(connect_to(20000)->{everything}->nap(1) == 1, "nap");
}

sub call {
    my $all = connect_to(20000);
    my $c = $all->{everything};
    check_values($c);
    check_trouble($c);
    check_versions($c, $all->{future});
    check_oneway($c);
    check($c->sum(1, $_, 2, 3) == $_ + 6, "sum") for 1 .. 200;
    if ($mux) {
        check($all->{second}->twice(21) == 42, "twice");
        fails("Thrift::TApplicationException", sub {
            everything::EverythingClient->new($all->{named}->("Nobody"))->nothing;
        });
        check($all->{second}->twice(-21) == -42, "twice");
    }
    check_timeout() unless $framing eq "http";
    my $e = fails("Thrift::TApplicationException", sub { $c->business(1001) });
    check($e->{message} =~ /sold out/, $e->{message});
    $all->{transport}->close;
}

$role eq "server" ? serve() : call();

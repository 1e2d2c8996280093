<?php
// SPDX-License-Identifier: MIT
// Apache Thrift's PHP: peer.php LIB GEN server DIALECT | client DIALECT PORT.
// In PHP text is bytes, and a set is the keys of an array.

use everything\All;
use everything\Choice;
use everything\Grow;
use everything\Grown;
use everything\Inner;
use everything\Late;
use everything\Seen;
use everything\Wrong;
use Thrift\Exception\TApplicationException;
use Thrift\Exception\TTransportException;
use Thrift\Factory\TBinaryProtocolFactory;
use Thrift\Factory\TFramedTransportFactory;
use Thrift\Factory\TTransportFactory;
use Thrift\Protocol\TBinaryProtocol;
use Thrift\Protocol\TMultiplexedProtocol;
use Thrift\Server\TForkingServer;
use Thrift\Server\TServerSocket;
use Thrift\StoredMessageProtocol;
use Thrift\TMultiplexedProcessor;
use Thrift\Transport\TBufferedTransport;
use Thrift\Transport\TFramedTransport;
use Thrift\Transport\THttpClient;
use Thrift\Transport\TSocket;
use Thrift\Type\TMessageType;

[, $lib, $gen, $role, $dialect] = $argv;
$port = (int)($argv[5] ?? 0);
error_reporting(E_ALL & ~E_DEPRECATED); // the library is older than this PHP
spl_autoload_register(function ($class) use ($lib, $gen) {
    $file = str_replace("\\", "/", $class) . ".php";
    require str_starts_with($file, "Thrift/")
        ? $lib . substr($file, strlen("Thrift")) : "$gen/$file";
});

$mux = str_starts_with($dialect, "mux-");
[$framing, $protocol] = explode("-", $mux ? substr($dialect, 4) : $dialect);

// ---- the server ----

class Handler implements everything\EverythingIf, everything\SecondIf
{
    private $forgotten = 0;

    public function echo(All $all) { return $all; }
    public function flip($yes) { return !$yes; }
    public function sum($a, $b, $c, $d) { return $a + $b + $c + $d; }
    public function half($real) { return $real / 2; }
    public function large($text) { return $text; }
    public function nothing() { }
    public function forget($number) { $this->forgotten += $number; }
    public function remembered() { return $this->forgotten; }
    public function grow(Grow $grow) { return $grow; }
    public function twice($number) { return 2 * $number; }

    public function collect(array $alls)
    {
        return ["once" => $alls, "again" => $alls];
    }

    public function business($status)
    {
        throw new Exception("only weft's server has a status");
    }

    public function relay()
    {
        throw new Exception("only weft's server calls itself");
    }

    public function seen()
    {
        return new Seen(["headers" => [], "left_ms" => -1, "dialect" => ""]);
    }

    public function trouble($kind)
    {
        if ($kind == 1)
            throw new Wrong(["why" => "all wrong",
                "all" => new All(["text" => "inside"])]);
        if ($kind == 2)
            throw new Late(["ms" => PHP_INT_MAX]);
        if ($kind == 3)
            throw new Exception("out of order");
        return $kind;
    }

    public function nap($ms)
    {
        usleep(1000 * $ms);
        return $ms;
    }
}

// Apache's processor ends the connection after an unknown method, and ends the
// process if a handler throws what its method does not declare. This processor
// answers.
class Careful
{
    private $inner;

    public function __construct($inner) { $this->inner = $inner; }

    public function process($input, $output)
    {
        $input->readMessageBegin($name, $type, $id);
        try {
            $this->inner->process(
                new StoredMessageProtocol($input, $name, $type, $id), $output);
        } catch (TTransportException $e) {
            throw $e;
        } catch (Exception $e) {
            $x = new TApplicationException($e->getMessage(),
                TApplicationException::INTERNAL_ERROR);
            $output->writeMessageBegin($name, TMessageType::EXCEPTION, $id);
            $x->write($output);
            $output->writeMessageEnd();
            $output->getTransport()->flush();
        }
        return true;
    }
}

// Listens on any port, and prints it.
class Port extends TServerSocket
{
    public function listen()
    {
        parent::listen();
        $name = stream_socket_get_name($this->listener_, false);
        echo substr(strrchr($name, ":"), 1), "\n";
    }
}

class BufferedFactory extends TTransportFactory
{
    public static function getTransport(Thrift\Transport\TTransport $transport)
    {
        return new TBufferedTransport($transport);
    }
}

function serve()
{
    global $mux, $framing, $protocol;
    $handler = new Handler();
    $processor = new everything\EverythingProcessor($handler);
    if ($mux) {
        $services = new TMultiplexedProcessor();
        $services->registerProcessor("Everything", $processor);
        $services->registerProcessor("Second",
            new everything\SecondProcessor($handler));
        $processor = $services;
    }
    $transports = $framing == "framed" ? new TFramedTransportFactory()
        : new BufferedFactory();
    $protocols = new TBinaryProtocolFactory(false, $protocol != "old");
    pcntl_async_signals(true);
    pcntl_signal(SIGTERM, function () { exit(0); });
    $server = new TForkingServer(new Careful($processor),
        new Port("127.0.0.1", 0), $transports, $transports, $protocols,
        $protocols);
    $server->serve();
}

// ---- the client ----

function check($holds, $what)
{
    if (!$holds)
        throw new Error("not true: $what");
}

function same($a, $b, $what)
{
    if ($a != $b) {
        var_dump($a, $b);
        throw new Error("not the same: $what");
    }
}

function sample()
{
    $inner = new Inner(["x" => -2, "name" => "two"]);
    return new All([
        "yes" => true, "tiny" => -128, "small" => -2 ** 15,
        "medium" => -2 ** 31, "big" => PHP_INT_MIN, "real" => 0.1,
        "text" => "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80",
        "bytes" => "\0\1\2\xff", "color" => 70000, "inner" => $inner,
        "choice" => new Choice(["text" => "chosen"]),
        "numbers" => [0, 1, -1, 2 ** 31 - 1, -2 ** 31],
        "words" => ["a" => true, "x" => true, "\xc3\xbc" => true],
        "counts" => ["min" => PHP_INT_MIN, "max" => PHP_INT_MAX],
        "inners" => [$inner, new Inner(["x" => 0, "name" => "n"])],
        "lines" => [7 => ["x", "y"], -7 => []], "present" => -42,
        "bits" => [true, false, true], "reals" => [0.5, -1.5, 1e300],
        "bigs" => [PHP_INT_MIN => true, 5 => true],
        "deep" => [["k" => $inner], []], "fixed" => 43, "another" => $inner,
        "blobs" => ["\0\xff", "b"], "grid" => [[-2 ** 15, -1], [], [1]],
        "colors" => [1 => true, 70000 => false], "far" => 127]);
}

function plain()
{
    return new All(["yes" => false, "tiny" => 1, "small" => 0, "medium" => 0,
        "big" => 0, "real" => 0.0, "text" => "", "bytes" => "", "color" => 1,
        "inner" => new Inner(["x" => 0, "name" => ""]),
        "choice" => new Choice(["number" => 0]), "far" => 0]);
}

function fails($class, $call)
{
    try {
        $call();
    } catch (Exception $e) {
        check($e instanceof $class, "$class: " . get_class($e) . ": " .
            $e->getMessage());
        return $e;
    }
    throw new Error("no exception");
}

class Connection
{
    public $transport, $protocol;

    public function __construct($timeout_ms)
    {
        global $framing, $protocol, $port;
        if ($framing == "http") {
            $this->transport = new THttpClient("127.0.0.1", $port, "/weft");
        } else {
            $socket = new TSocket("127.0.0.1", $port);
            $socket->setSendTimeout($timeout_ms);
            $socket->setRecvTimeout($timeout_ms);
            $this->transport = $framing == "framed"
                ? new TFramedTransport($socket)
                : new TBufferedTransport($socket);
        }
        $this->transport->open();
        $this->protocol = new TBinaryProtocol($this->transport, false,
            $protocol != "old");
    }

    // Returns a client of class $client for the service, by its name if mux.
    public function client($client, $service)
    {
        global $mux;
        $class = "everything\\{$client}Client";
        return new $class($mux
            ? new TMultiplexedProtocol($this->protocol, $service)
            : $this->protocol);
    }
}

function check_values($c)
{
    same($c->echo(plain())->fixed, 42, "a default");
    same($c->echo(sample()), sample(), "echo");
    check($c->flip(false) && !$c->flip(true), "flip");
    same($c->sum(-128, -2 ** 15, -2 ** 31, -1),
        -128 - 2 ** 15 - 2 ** 31 - 1, "sum");
    same($c->half(1e-300), 0.5e-300, "half");
    $c->nothing();
    $text = str_repeat("0123456789abcdef", 65536);
    check($c->large($text) === $text, "a megabyte");
    foreach ($c->collect([sample(), plain(), sample()]) as $alls) {
        same($alls[0], sample(), "collect");
        same($alls[2], sample(), "collect");
        same($alls[1]->tiny, 1, "collect");
    }
}

function check_trouble($c)
{
    same($c->trouble(0), 0, "no trouble");
    $e = fails(Wrong::class, fn () => $c->trouble(1));
    check($e->why == "all wrong" && $e->all->text == "inside", "wrong");
    $e = fails(Late::class, fn () => $c->trouble(2));
    same($e->ms, PHP_INT_MAX, "late");
    $e = fails(TApplicationException::class, fn () => $c->trouble(3));
    check(str_contains($e->getMessage(), "out of order"), $e->getMessage());
    same($c->trouble(0), 0, "no trouble");
}

function check_versions($c, $newer)
{
    $back = $newer->grow(new Grown(["name" => "first", "all" => sample(),
        "more" => [sample(), sample()],
        "index" => ["a" => [1 => true, 2 => true], "b" => []], "yes" => true,
        "real" => 1.5, "bytes" => "\0", "choice" => new Choice(["number" => 1]),
        "tail" => 1234567890123, "last" => 5]), sample());
    check($back->name == "first" && $back->tail == 1234567890123, "grown");
    check($back->more === null && $back->last === null, "unknown fields");
    $old = new Grow(["name" => "old", "tail" => 7]);
    same($c->grow($old), $old, "old");
    $e = fails(TApplicationException::class,
        fn () => $newer->only_here(sample()));
    same($e->getCode(), TApplicationException::UNKNOWN_METHOD, "its kind");
}

function check_oneway($c)
{
    $before = $c->remembered();
    for ($i = 1; $i <= 10; $i++)
        $c->forget($i);
    for ($i = 0; $i < 100000; $i++) {
        if ($c->remembered() == $before + 55)
            return;
    }
    throw new Error("forgotten indeed");
}

function check_timeout()
{
    $slow = new Connection(100);
    fails(TTransportException::class, function () use ($slow) {
        $c = $slow->client("Everything", "Everything");
        for ($ms = 2000;; $ms *= 2)
            $c->nap($ms); // returns only if this program was held up so long
    });
    $slow->transport->close();
    $c = (new Connection(20000))->client("Everything", "Everything");
    same($c->nap(1), 1, "nap");
}

function call()
{
    global $mux, $framing;
    $all = new Connection(20000);
    $c = $all->client("Everything", "Everything");
    check_values($c);
    check_trouble($c);
    check_versions($c, $all->client("Future", "Everything"));
    check_oneway($c);
    for ($i = 0; $i < 200; $i++)
        same($c->sum(1, $i, 2, 3), $i + 6, "sum");
    if ($mux) {
        $second = $all->client("Second", "Second");
        same($second->twice(21), 42, "twice");
        $nobody = $all->client("Everything", "Nobody");
        fails(TApplicationException::class, fn () => $nobody->nothing());
        same($second->twice(-21), -42, "twice");
    }
    if ($framing != "http")
        check_timeout();
    $e = fails(TApplicationException::class, fn () => $c->business(1001));
    check(str_contains($e->getMessage(), "sold out"), $e->getMessage());
    $all->transport->close();
}

$role == "server" ? serve() : call();

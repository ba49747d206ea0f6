/*
 * virtio-net: the driver does transfers because somebody sends frames of an EtherType that nobody else uses, and waits for
 * them to come back. They are longer than a page, so the kernel describes each by several pieces, and several are under way
 * at a time.
 */
#include "agent.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* IEEE 802: the first for local experiments. */
#define ETHERTYPE 0x88b5
#define MTU 9000
#define MOST_UNDER_WAY 4u

struct frame {
	struct ethhdr head;
	unsigned char payload[MTU];
} __attribute__((packed));

/* Asks the kernel something about the interface, or changes it. */
static bool configure(const char *interface, unsigned long request, struct ifreq *what)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	snprintf(what->ifr_name, sizeof what->ifr_name, "%.15s", interface);
	bool done = ioctl(fd, request, what) == 0;
	close(fd);
	return done;
}

static void bring_up_net(struct endpoint *endpoint)
{
	struct ifreq mtu = { .ifr_mtu = MTU }, flags = { 0 };

	load_net_modules();
	/* Nothing but our own frames is to pass. */
	write_file("1", "/proc/sys/net/ipv6/conf/default/disable_ipv6");
	if (!bind_virtio(endpoint->address, net_driver.name) || !find_product(endpoint, "net"))
		return;
	configure(endpoint->device_name, SIOCSIFMTU, &mtu);
	if (!configure(endpoint->device_name, SIOCGIFFLAGS, &flags))
		return;
	flags.ifr_flags |= IFF_UP;
	configure(endpoint->device_name, SIOCSIFFLAGS, &flags);
}

static bool choose_net(const struct endpoint *endpoint)
{
	return file_exists("/sys/class/net/%s", endpoint->device_name);
}

static bool resize_net(const struct endpoint *endpoint, uint32_t size)
{
	struct ethtool_ringparam rings = { .cmd = ETHTOOL_GRINGPARAM };
	struct ifreq request = { .ifr_data = (char *)&rings };

	if (!configure(endpoint->device_name, SIOCETHTOOL, &request))
		return false;
	rings.cmd = ETHTOOL_SRINGPARAM;
	rings.rx_pending = rings.tx_pending = size;
	return configure(endpoint->device_name, SIOCETHTOOL, &request);
}

/* A socket that gets what comes in through the interface with our EtherType; -1 if it cannot be had. */
static int open_interface(const char *interface)
{
	struct sockaddr_ll place = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	/* No protocol yet: nothing is to come in from other interfaces. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&place, sizeof place) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The frame with this number; a station that nobody is answers. */
static void make_frame(struct frame *frame, const unsigned char *own_address, size_t number, size_t length)
{
	static const unsigned char station[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

	memcpy(frame->head.h_dest, station, ETH_ALEN);
	memcpy(frame->head.h_source, own_address, ETH_ALEN);
	frame->head.h_proto = htons(ETHERTYPE);
	for (size_t at = 0; at < length; at++)
		frame->payload[at] = (unsigned char)(number + at + (at >> 8));
}

static size_t length_of(size_t number, size_t whole)
{
	size_t left = whole - number * MTU;

	return left < MTU ? left : MTU;
}

static bool send_frame(int fd, const unsigned char *own_address, size_t number, size_t length)
{
	static struct frame frame;
	ssize_t size = (ssize_t)(sizeof frame.head + length);

	make_frame(&frame, own_address, number, length);
	return send(fd, &frame, (size_t)size, 0) == size;
}

/* Shorter frames than an Ethernet's shortest may come back longer. */
static bool receive_frame(int fd, size_t number, size_t length)
{
	static struct frame wanted, received;
	static const unsigned char nobody[ETH_ALEN];

	make_frame(&wanted, nobody, number, length);
	return recv(fd, &received, sizeof received, 0) >= (ssize_t)(sizeof received.head + length) &&
	       memcmp(received.payload, wanted.payload, length) == 0;
}

static bool send_and_receive(const struct endpoint *endpoint, size_t length)
{
	size_t count = (length + MTU - 1) / MTU, sent = 0, received = 0;
	struct ifreq address = { 0 };
	int fd = open_interface(endpoint->device_name);
	bool works = fd >= 0 && configure(endpoint->device_name, SIOCGIFHWADDR, &address);
	const unsigned char *own_address = (const unsigned char *)address.ifr_hwaddr.sa_data;

	while (works && received < count) {
		if (sent < count && sent - received < MOST_UNDER_WAY) {
			works = send_frame(fd, own_address, sent, length_of(sent, length));
			sent++;
		} else {
			works = receive_frame(fd, received, length_of(received, length));
			received++;
		}
	}
	if (fd >= 0)
		close(fd);
	return works;
}

const struct own_driver net_driver = {
	.kind = "virtio-net",
	.name = "virtio_net",
	.bring_up = bring_up_net,
	.choose = choose_net,
	.transfer = send_and_receive,
	.resize = resize_net,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Switch offloads of a network interface on or off, or print them.
 *
 * usage: ethfeature INTERFACE [tx|rx|sg|tso|gso|gro on|off]...
 *
 * tx, rx: checksum offload; sg: scatter-gather; tso: TCP segmentation offload; gso: generic segmentation offload; gro:
 * generic receive offload. Without any, prints "NAME on" or "NAME off" for each.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static const struct {
	const char *name;
	unsigned int get, set;
} features[] = {
	{ "tx", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM }, { "rx", ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM },
	{ "sg", ETHTOOL_GSG, ETHTOOL_SSG }, { "tso", ETHTOOL_GTSO, ETHTOOL_STSO },
	{ "gso", ETHTOOL_GGSO, ETHTOOL_SGSO }, { "gro", ETHTOOL_GGRO, ETHTOOL_SGRO },
};

#define FEATURES (sizeof(features) / sizeof(features[0]))

static int call(const char *interface, unsigned int cmd, unsigned int *value)
{
	struct ethtool_value ev = { .cmd = cmd, .data = *value };
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	request.ifr_data = (char *)&ev;
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request)) {
		fprintf(stderr, "ethfeature: %s: %s\n", interface, strerror(errno));
		return 1;
	}
	*value = ev.data;
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: ethfeature INTERFACE [tx|rx|sg|tso|gso|gro on|off]...\n");
	return 2;
}

int main(int argc, char **argv)
{
	unsigned int value;

	if (argc < 2 || argc % 2)
		return usage();
	for (size_t i = 0; argc == 2 && i < FEATURES; i++) {
		value = 0;
		if (call(argv[1], features[i].get, &value))
			return 1;
		printf("%s %s\n", features[i].name, value ? "on" : "off");
	}
	for (int arg = 2; arg < argc; arg += 2) {
		size_t i = 0;

		while (i < FEATURES && strcmp(features[i].name, argv[arg]))
			i++;
		value = !strcmp(argv[arg + 1], "on");
		if (i == FEATURES || (!value && strcmp(argv[arg + 1], "off")))
			return usage();
		if (call(argv[1], features[i].set, &value))
			return 1;
	}
	return 0;
}
